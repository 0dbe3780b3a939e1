/** The operations of ARI that the far end knows: how each is asked for, and Asterisk's way of describing them (Swagger 1.1). */

/** Parameters by name, wherever they travelled. */
export type Request = Readonly<Record<string, string>>;

/** Operation, method, path with its parameters, query parameters, body parameters. */
type Route = readonly [string, string, string, readonly string[], (readonly string[])?];

const ROUTES: readonly Route[] = [
  ['applications.get', 'GET', '/applications/{applicationName}', []],
  ['applications.filter', 'PUT', '/applications/{applicationName}/eventFilter', [], ['filter']],
  ['applications.subscribe', 'POST', '/applications/{applicationName}/subscription', ['eventSource']],
  ['applications.unsubscribe', 'DELETE', '/applications/{applicationName}/subscription', ['eventSource']],
  ['asterisk.getInfo', 'GET', '/asterisk/info', ['only']],
  ['bridges.list', 'GET', '/bridges', []],
  ['bridges.createWithId', 'POST', '/bridges/{bridgeId}', ['type', 'name']],
  ['bridges.destroy', 'DELETE', '/bridges/{bridgeId}', []],
  [
    'bridges.addChannel',
    'POST',
    '/bridges/{bridgeId}/addChannel',
    ['channel', 'inhibitConnectedLineUpdates', 'absorbDTMF'],
  ],
  ['bridges.playWithId', 'POST', '/bridges/{bridgeId}/play/{playbackId}', ['media']],
  ['bridges.record', 'POST', '/bridges/{bridgeId}/record', ['name', 'format', 'ifExists']],
  ['channels.list', 'GET', '/channels', []],
  [
    'channels.create',
    'POST',
    '/channels/create',
    ['endpoint', 'app', 'appArgs', 'channelId', 'otherChannelId', 'originator'],
    ['variables'],
  ],
  ['channels.get', 'GET', '/channels/{channelId}', []],
  ['channels.hangup', 'DELETE', '/channels/{channelId}', ['reason_code']],
  ['channels.answer', 'POST', '/channels/{channelId}/answer', []],
  ['channels.dial', 'POST', '/channels/{channelId}/dial', ['timeout']],
  ['channels.continueInDialplan', 'POST', '/channels/{channelId}/continue', ['context', 'extension', 'priority']],
  ['channels.getChannelVar', 'GET', '/channels/{channelId}/variable', ['variable']],
  ['channels.setChannelVar', 'POST', '/channels/{channelId}/variable', ['variable', 'value']],
  ['channels.playWithId', 'POST', '/channels/{channelId}/play/{playbackId}', ['media']],
  ['channels.mute', 'POST', '/channels/{channelId}/mute', ['direction']],
  ['channels.unmute', 'DELETE', '/channels/{channelId}/mute', ['direction']],
  ['channels.ring', 'POST', '/channels/{channelId}/ring', []],
  ['channels.ringStop', 'DELETE', '/channels/{channelId}/ring', []],
  ['channels.startMoh', 'POST', '/channels/{channelId}/moh', []],
  ['channels.stopMoh', 'DELETE', '/channels/{channelId}/moh', []],
  [
    'channels.snoopChannelWithId',
    'POST',
    '/channels/{channelId}/snoop/{snoopId}',
    ['spy', 'whisper', 'app', 'appArgs'],
  ],
  ['channels.transfer_progress', 'POST', '/channels/{channelId}/transfer_progress', ['states']],
  ['playbacks.get', 'GET', '/playbacks/{playbackId}', []],
  ['playbacks.stop', 'DELETE', '/playbacks/{playbackId}', []],
  ['recordings.getLive', 'GET', '/recordings/live/{recordingName}', []],
  ['recordings.stop', 'POST', '/recordings/live/{recordingName}/stop', []],
];

const patternOf = (path: string): RegExp => new RegExp(`^/ari${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);

export function findRoute(method: string, url: URL, body: Buffer): { operation: string; request: Request } | undefined {
  for (const [operation, itsMethod, path] of ROUTES) {
    const match = itsMethod === method ? patternOf(path).exec(url.pathname) : null;
    if (match === null) continue;
    const inPath = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    const request = Object.fromEntries([
      ...url.searchParams,
      ...inPath,
      ...(body.length > 0 ? [['body', String(body)]] : []),
    ]);
    return { operation, request };
  }
  return undefined;
}

const parameter = (paramType: string, required: boolean) => (name: string) => ({
  name,
  paramType,
  required,
  allowMultiple: false,
  dataType: paramType === 'body' ? 'containers' : 'string',
});

const describeRoute = ([operation, httpMethod, path, query, body = []]: Route) => ({
  path,
  operations: [
    {
      httpMethod,
      nickname: operation.split('.')[1],
      responseClass: 'object',
      parameters: [
        ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).map(parameter('path', true)),
        ...query.map(parameter('query', false)),
        ...body.map(parameter('body', false)),
      ],
    },
  ],
});

const common = (url: string) => ({ apiVersion: '2.0.0', swaggerVersion: '1.1', basePath: `${url}/ari` });

export const resourceIndex = (url: string): object => ({
  ...common(url),
  apis: [...new Set(ROUTES.map(([operation]) => operation.split('.')[0]))].map((name) => ({
    path: `/api-docs/${name}.{format}`,
    description: name,
  })),
});

export const describeResource = (name: string, url: string): object => ({
  ...common(url),
  resourcePath: `/api-docs/${name}.{format}`,
  apis: ROUTES.filter(([operation]) => operation.startsWith(`${name}.`)).map(describeRoute),
  models: {},
});
