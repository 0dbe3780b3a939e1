/** The commands of an event socket that the far end obeys, and what each does there. */
import { type Channel, describe, type EslFarEnd } from './esl.ts';

export interface Command {
  readonly name: string;
  readonly isApi: boolean;
  readonly args: readonly string[];
  /** Everything behind the name. */
  readonly rest: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function parse(head: string): Command {
  const [line = '', ...lines] = head.split('\n');
  const words = line.split(' ');
  const isApi = words[0] === 'api';
  if (isApi || words[0] === 'bgapi') words.shift();
  const [name = '', ...args] = words;
  const headers = Object.fromEntries(lines.map((each) => each.split(/: (.*)/s).slice(0, 2)));
  return { name, isApi, args, rest: args.join(' '), headers };
}

const NO_CHANNEL = '-ERR No such channel!\n';

type Effect = (farEnd: EslFarEnd, command: Command) => string;

/** An effect on the channel that the first word names. */
const onChannel =
  (effect: (farEnd: EslFarEnd, channel: Channel, command: Command) => void): Effect =>
  (farEnd, command) => {
    const channel = farEnd.channels.get(command.args[0] ?? '');
    if (channel === undefined) return NO_CHANNEL;
    effect(farEnd, channel, command);
    return '+OK\n';
  };

export const EFFECTS: Readonly<Record<string, Effect>> = {
  auth: (it, { rest }) => (rest === it.password ? '+OK accepted' : '-ERR invalid'),
  hostname: () => 'far',
  global_getvar: (it) => it.life,
  event: (it, { rest }) => {
    it.wanted = rest;
    return '+OK event listener enabled json';
  },
  show: (it) => {
    const known = it.isListBehind ? [] : [...it.channels.values()];
    const rows = known.map(({ id, context }) => ({ uuid: id, direction: directionOf(id), context }));
    return JSON.stringify({ row_count: rows.length, rows });
  },
  uuid_exists: (it, { args: [id = ''] }) => String(it.channels.has(id)),
  uuid_dump: (it, { args: [id = ''] }) => {
    const channel = it.channels.get(id);
    return channel === undefined ? NO_CHANNEL : JSON.stringify(describe(channel));
  },
  uuid_answer: onChannel((_, channel) => {
    channel.state = 'answered';
  }),
  uuid_setvar: onChannel((_, { variables }, { args: [, name = '', ...value] }) => {
    variables.set(name, value.join(' '));
  }),
  uuid_kill: onChannel((it, { id }, { args: [, cause] }) => {
    if (it.hangupMs === 0) it.hangup(id, cause);
    else setTimeout(() => it.hangup(id, cause), it.hangupMs);
  }),
  uuid_transfer: onChannel((it, channel) => it.release(channel)),
  uuid_break: onChannel((it, { id }) => it.endOf(id, 'FILE PLAYED')),
  uuid_bridge: onChannel((it, channel, { args: [, other = ''] }) => it.bridge(channel, other)),
  uuid_record: (it, { args: [id = '', what = '', file = ''] }) => {
    if (!it.channels.has(id)) return '-ERR Cannot locate session!\n';
    if (what === 'start' ? it.isReadOnly : !it.recordings.has(file)) return `-ERR Cannot ${what} record session!\n`;
    if (what === 'start') it.recordings.set(file, id);
    else it.endRecording(file);
    return '+OK Success\n';
  },
  uuid_displace: (it, { args: [id = '', what = '', file = ''] }) => {
    if (!it.channels.has(id)) return '-ERR Cannot locate session!\n';
    if (what === 'start' && file.includes('missing')) return '-ERR Cannot displace session!\n';
    if (what === 'start') it.mixed.set(id, file);
    else it.endMixed(id);
    return '+OK Success\n';
  },
  uuid_buglist: (it, { args: [id = ''] }) => {
    if (!it.channels.has(id)) return NO_CHANNEL;
    const files = [...it.recordings]
      .filter(([, channel]) => channel === id)
      .map(([file]) => `<target>${file}</target>`);
    const mixed = it.mixed.has(id) ? '<function>displace</function>' : '';
    return `<media-bugs>\n${files.join('\n')}${mixed}\n</media-bugs>\n`;
  },
  originate: (it, { rest, headers }) => {
    it.dial(rest, headers['Job-UUID'] ?? '');
    return `+OK Job-UUID: ${headers['Job-UUID']}\nJob-UUID: ${headers['Job-UUID']}`;
  },
  sendmsg: onChannel((it, channel, { headers }) => {
    const [application, argument] = [headers['execute-app-name'] ?? '', headers['execute-app-arg'] ?? ''];
    it.run(channel, { application, argument, id: headers['Event-UUID'] ?? '' });
  }),
};

const directionOf = (id: string): string => (id.includes('~') ? 'outbound' : 'inbound');
