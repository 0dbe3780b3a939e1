/** Whatever is sent to any operation of the OpenAPI document, it is answered in shape, and never with a fault of ours. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../../src/admin/access/roles.ts';
import { liveText, movedText } from '../tables/texts.ts';
import { wholeCall } from './calls.ts';
import { type AdminRig, adminRig, missedEntry } from './rig.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
}

interface Operation {
  readonly operationId: string;
  readonly 'x-roles': readonly Role[];
  readonly parameters?: readonly { readonly name: string; readonly in: 'path' | 'query'; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, object>>;
}

interface Found {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const documented = async ({ ask }: AdminRig): Promise<readonly Found[]> => {
  const answer = await ask('viewer', 'GET', '/api/openapi.json');
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith('/api/')
      ? Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
      : [],
  );
};

/** Events never end; what is sent to them otherwise is in events.test.ts. */
const isEndless = ({ operation }: Found): boolean => operation.operationId === 'watchBoard';

const anyText = fc.oneof(
  fc.constantFrom('', '0', '-1', '1e999', '%00', '../../etc/passwd', "' or 1=1", '归并', '\u0000', 'a'.repeat(300)),
  fc.constantFrom(missedEntry.id, 'call-1', '10%', 'region:xiamen', 'number:12333', liveText, movedText()),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Mostly what the schema asks for, at times anything. */
const ofSchema = (schema: Schema | undefined): fc.Arbitrary<unknown> => {
  const anything = fc.anything({ withNullPrototype: false, maxDepth: 2 }).map(jsonable);
  if (schema === undefined) return anything;
  const kinds: Record<string, fc.Arbitrary<unknown>> = {
    string: anyText,
    boolean: fc.boolean(),
    integer: fc.integer(),
    number: fc.double(),
    array: fc.array(anything, { maxLength: 3 }),
    object: fc.record(
      Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, each]) => [key, ofSchema(each)])),
      { requiredKeys: [] },
    ),
  };
  const [kind = 'object'] = [schema.type ?? 'object'].flat();
  const good = kinds[kind] ?? anything;
  return fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: anything });
};

const jsonable = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown;
  } catch {
    return null;
  }
};

const wellFormed = (text: string): string => encodeURIComponent(text.toWellFormed());

/** A request to an operation, as a client that has the document might send it, or one that has it in for us. */
const requestTo = ({ method, path, operation }: Found) => {
  const names = (operation.parameters ?? []).map((each) => each.name);
  const values = fc.tuple(...names.map(() => anyText));
  const body = operation.requestBody?.content['application/json']?.schema;
  const sent =
    method === 'GET' ? fc.constant(undefined) : fc.oneof({ weight: 6, arbitrary: ofSchema(body) }, fc.string());
  return fc.record({ values, sent, role: fc.constantFrom(...ROLES) }).map(({ values: given, sent: asked, role }) => {
    const at = (name: string) => wellFormed(String(given[names.indexOf(name)]));
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => at(name));
    const query = (operation.parameters ?? [])
      .filter((each) => each.in === 'query')
      .map(({ name }) => `${name}=${at(name)}`);
    return { role, path: query.length > 0 ? `${filled}?${query.join('&')}` : filled, body: asked };
  });
};

let rig: AdminRig;
let operations: readonly Found[];

beforeEach(async () => {
  rig = await adminRig();
  operations = await documented(rig);
  for (const record of wholeCall({ id: 'call-1', at: Date.now() }, 9_000, 20_000)) rig.keeper.take(record);
});

test('the document has the operations there are', () => {
  expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
    'GET /api/audit',
    'GET /api/calls',
    'GET /api/calls/{id}',
    'GET /api/events',
    'GET /api/feed',
    'GET /api/me',
    'GET /api/missed',
    'GET /api/numbers',
    'GET /api/openapi.json',
    'GET /api/table',
    'GET /api/table/candidate',
    'GET /api/table/history',
    'GET /api/table/revisions/{revision}',
    ...[
      'complete',
      'hold',
      'leave',
      'mute',
      'pull-back',
      'resume',
      'return',
      'supervise',
      'transfer',
      'unmute',
      'unsupervise',
    ].map((what) => `POST /api/calls/{id}/${what}`),
    'POST /api/missed/{id}/close',
    'POST /api/table/canary',
    'POST /api/table/promote',
    'POST /api/table/reload',
    'POST /api/table/rollback',
  ]);
});

describe('every operation', () => {
  const filled = (path: string) => path.replace(/\{\w+\}/g, 'abc');

  test('refuses whoever has no token, or a wrong one', async () => {
    for (const { method, path } of operations) {
      const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
      const answer = await fetch(`${rig.url}${filled(path)}`, { method, ...body });
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 401, { code: 'UNAUTHORISED' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('refuses every role that its document does not name', async () => {
    let refused = 0;
    for (const { method, path, operation } of operations) {
      for (const role of ROLES.filter((each) => !operation['x-roles'].includes(each))) {
        const answer = await rig.ask(role, method, filled(path), method === 'GET' ? undefined : {});
        expect([path, role, answer.status, await answer.json()]).toMatchObject([
          path,
          role,
          403,
          { code: 'FORBIDDEN' },
        ]);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  test('that takes a body refuses one that is cut, of another kind, not an object, or too large', async () => {
    const changing = operations.filter(({ method }) => method !== 'GET');
    expect(changing.length).toBeGreaterThan(4);
    for (const { method, path } of changing) {
      const send = async (body: string, type = 'application/json'): Promise<number> => {
        const headers = { authorization: 'Bearer operator-operator', 'content-type': type };
        return (await fetch(`${rig.url}${filled(path)}`, { method, headers, body })).status;
      };
      expect([path, await send('{"yes":')]).toEqual([path, 400]);
      expect([path, await send('[]')]).toEqual([path, 400]);
      expect([path, await send('{"unknown":1}')]).toEqual([path, 400]);
      expect([path, await send('{"__proto__":{"yes":true}}')]).toEqual([path, 400]);
      expect([path, await send('<yes/>', 'text/xml')]).toEqual([path, 415]);
      const isTable = path.endsWith('/reload') || path.endsWith('/canary');
      if (!isTable) expect([path, await send(`{"a":"${'a'.repeat(70_000)}"}`)]).toEqual([path, 413]);
    }
  });

  test('that takes a table refuses one that is larger than any may be', async () => {
    const headers = { authorization: 'Bearer operator-operator', 'content-type': 'application/json' };
    const body = `{"a":"${'a'.repeat(73 * 1024 * 1024)}"}`;
    const sent = fetch(`${rig.url}/api/table/reload`, { method: 'POST', headers, body });
    expect((await sent).status).toBe(413);
  });
});

test('nothing that is sent to it brings out a fault of ours', { timeout: 60_000 }, async () => {
  const statuses = new Map<number, number>();
  const asked = operations
    .filter((each) => !isEndless(each))
    .map((found) => requestTo(found).map((request) => ({ ...request, found })));
  await fc.assert(
    fc.asyncProperty(fc.oneof(...asked), async ({ role, path, body, found }) => {
      const answer = await rig.ask(role, found.method, path, body);
      const text = await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect(answer.status, `${found.method} ${path} ${text}`).toBeLessThan(500);
      const told: unknown = JSON.parse(text);
      if (!answer.ok) expect(told).toMatchObject({ code: expect.any(String), message: expect.any(String) });
      if (answer.ok) expect(Object.keys(found.operation.responses)).toContain('200');
    }),
    { numRuns: Number(process.env.HOTLINE_FUZZ_RUNS ?? 400) },
  );
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404]));
  expect(rig.log.filter((line) => line.startsWith('error'))).toEqual([]);
});
