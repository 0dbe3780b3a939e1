/** What an agent can do with a phone besides answering: keys, hold, SIP REFER of both kinds, calls of its own, hanging up. */
import { randomUUID } from 'node:crypto';
import type { Ari, AriEvent, ChannelEvents } from '../pbx/ari.ts';
import { PHONE_HEADER } from '../pbx/pbx.ts';
import { voiceClass } from '../sound/voices.ts';
import { LAB_APP, PBX_ENDPOINT, REFER_CONTEXT, REFER_TO, REFER_VOICE } from './exchange-files.ts';

/** A call that a phone rings for, or is on. */
export interface Line {
  readonly channel: string;
  readonly phone: string;
  /** Caller's number as the phone shows it; empty for a call of its own. */
  readonly number: string;
  readonly isOwn: boolean;
  isUp: boolean;
  /** The phone waits for what becomes of its REFER; its channel has left the application meanwhile. */
  isReferring: boolean;
}

export interface PhoneNeeds {
  readonly ari: Ari;
  readonly events: ChannelEvents;
  readonly hertzOf: (phone: string) => number;
}

const ENTERS_WITHIN_MS = 5_000;

/** A call the phone places. */
export interface OwnCall {
  readonly channel: string;
  /** Resolves with true when it is answered, with false when it ends without. */
  readonly answered: Promise<boolean>;
  /** Q.850 cause it ended with. */
  readonly ended: Promise<number>;
  hangUp(): Promise<void>;
}

/** Header `X-Hotline-From` and so on; one that did not come is not there. */
export interface HandedOnHeaders {
  readonly from?: string;
  readonly agent?: string;
  readonly workOrder?: string;
  readonly note?: string;
}

/** Where the dialplan keeps them. */
const HEADER_VARIABLES = { from: 'FROM', agent: 'FROM_AGENT', workOrder: 'WORK_ORDER', note: 'NOTE' } as const;

export interface Phone {
  /** Presses keys, on the call it was rung for. */
  press(keys: string): Promise<void>;
  /**
   * Asks by REFER for a transfer of the call it was rung for.
   * @param to a number, or a SIP URI. @returns the last SIP status it was told (NOTIFY, or the answer to the REFER).
   */
  refer(to: string): Promise<number>;
  /** REFER with Replaces: the caller is to be joined with whom its own call reached. */
  referToOwnCall(): Promise<number>;
  hold(): Promise<void>;
  resume(): Promise<void>;
  hangUp(): Promise<void>;
  /** Places a call of its own, beside the one it is on. */
  call(dialled: string): Promise<OwnCall>;
  /** What came beside number and name with the call it was rung for last, of a caller who was handed on. */
  headers(): Promise<HandedOnHeaders>;
  /** Its calls that are answered. */
  readonly lines: readonly Line[];
}

/** Every call that phones are on, in the order they came. */
export class Lines {
  readonly #lines = new Set<Line>();

  add(line: Line): void {
    this.#lines.add(line);
  }

  drop(line: Line): void {
    this.#lines.delete(line);
  }

  /** The phone rings or talks with somebody else. */
  isBusy({ phone, channel }: Line): boolean {
    return [...this.#lines].some((line) => line.phone === phone && line.channel !== channel);
  }

  /** Answered ones. @param from only calls of this caller. */
  of(phone: string, from?: string): readonly Line[] {
    return [...this.#lines].filter(
      (line) => line.phone === phone && line.isUp && (line.isOwn || from === undefined || line.number === from),
    );
  }
}

/** @param from caller's number, for a phone that is on several calls at once. */
export const phoneOn = (needs: PhoneNeeds, lines: Lines, name: string, from?: string): Phone => {
  const { ari, events } = needs;
  const find = (isOwn: boolean): Line => {
    const line = lines.of(name, from).findLast((each) => each.isOwn === isOwn);
    if (line === undefined) throw new Error(`${name} is on no such call`);
    return line;
  };
  const variable = async (channel: string, read: string): Promise<string> => {
    const { body } = await ari.send('GET', `channels/${channel}/variable`, { variable: read });
    return (body as { value?: string }).value ?? '';
  };
  const set = (channel: string, name: string, value: string) =>
    ari.send('POST', `channels/${channel}/variable`, { variable: name, value });

  const speak = (channel: string) =>
    ari.send('POST', `channels/${channel}/moh`, { mohClass: voiceClass(needs.hertzOf(name)) });

  const refer = async (line: Line, target: string): Promise<number> => {
    await set(line.channel, REFER_TO, target);
    await set(line.channel, REFER_VOICE, voiceClass(needs.hertzOf(name)));
    // Out of the application nothing is told of it, unless asked for.
    await ari.send('POST', `applications/${LAB_APP}/subscription`, { eventSource: `channel:${line.channel}` });
    const told = new Promise<AriEvent>((resolve) => {
      const listener = (event: AriEvent): void => {
        if (['StasisStart', 'ChannelUserevent', 'ChannelDestroyed'].includes(event.type)) resolve(event);
      };
      events.on(line.channel, listener);
    });
    line.isReferring = true;
    await ari.send('POST', `channels/${line.channel}/continue`, {
      context: REFER_CONTEXT,
      extension: 's',
      priority: 1,
    });
    const event = await told;
    line.isReferring = false;
    if (event.type !== 'StasisStart') return Number(event.userevent?.status ?? 0);
    await speak(line.channel);
    return Number(event.args?.[2] ?? 0) || (event.args?.[1] === 'SUCCESS' ? 200 : 603);
  };

  return {
    press: async (keys) => {
      const { channel } = find(false);
      await ari.send('POST', `channels/${channel}/dtmf`, { dtmf: keys, between: 60, duration: 80 });
      await speak(channel); // keys end it; waits for the last of them
    },
    refer: (to) => refer(find(false), to.includes(':') ? to : `PJSIP/sip:${to}@127.0.0.1`),
    referToOwnCall: async () => {
      const own = find(true);
      const [callId, ours, theirs] = await Promise.all(
        ['call-id', 'local_tag', 'remote_tag'].map((what) => variable(own.channel, `CHANNEL(pjsip,${what})`)),
      );
      const replaces = encodeURIComponent(`${callId};to-tag=${theirs};from-tag=${ours}`);
      return refer(find(false), `PJSIP/sip:consulted@127.0.0.1?Replaces=${replaces}`);
    },
    hold: async () => void (await ari.send('POST', `channels/${find(false).channel}/hold`)),
    resume: async () => {
      const { channel } = find(false);
      await ari.send('DELETE', `channels/${channel}/hold`);
      await speak(channel);
    },
    hangUp: async () => void (await ari.send('DELETE', `channels/${find(false).channel}`, { reason_code: 16 })),
    headers: async () => {
      const { channel } = find(false);
      const read = Object.entries(HEADER_VARIABLES).map(async ([name, kept]) => [name, await variable(channel, kept)]);
      return Object.fromEntries((await Promise.all(read)).filter(([, text]) => text !== ''));
    },
    call: (dialled) => placeOwnCall(needs, lines, name, dialled),
    get lines() {
      return lines.of(name, from);
    },
  };
};

const placeOwnCall = async (
  { ari, events, hertzOf }: PhoneNeeds,
  lines: Lines,
  phone: string,
  dialled: string,
): Promise<OwnCall> => {
  const channel = `own-${randomUUID()}`;
  const line: Line = { channel, phone, number: '', isOwn: true, isUp: false, isReferring: false };
  const answered = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<number>();
  events.on(channel, (event) => {
    if (event.type === 'ChannelStateChange' && event.channel?.state === 'Up') {
      line.isUp = true;
      lines.add(line);
      void ari.send('POST', `channels/${channel}/moh`, { mohClass: voiceClass(hertzOf(phone)) });
      answered.resolve(true);
    }
    if (event.type !== 'ChannelDestroyed') return;
    lines.drop(line);
    events.off(channel);
    answered.resolve(false);
    ended.resolve(event.cause ?? 0);
  });
  const entered = events.next(channel, ['StasisStart'], ENTERS_WITHIN_MS);
  await ari.send(
    'POST',
    'channels/create',
    { endpoint: `PJSIP/${dialled}@${PBX_ENDPOINT}`, app: LAB_APP, appArgs: 'own', channelId: channel },
    { variables: { [`PJSIP_HEADER(add,${PHONE_HEADER})`]: phone } },
  );
  await entered;
  await ari.send('POST', `channels/${channel}/dial`, { timeout: 60 });
  return {
    channel,
    answered: answered.promise,
    ended: ended.promise,
    hangUp: async () => void (await ari.send('DELETE', `channels/${channel}`, { reason_code: 16 })),
  };
};
