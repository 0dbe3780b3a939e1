/** The simulated public network: places calls to the PBX, and is every phone the PBX dials. */
import { randomUUID } from 'node:crypto';
import type { Table } from '../../routing/table.ts';
import { connectAri, listenByChannel } from '../pbx/ari.ts';
import type { Asterisk } from '../pbx/asterisk.ts';
import { destinationsOf, endpointsOf, phoneOf } from '../pbx/asterisk-files.ts';
import { agentHertz, CALLER_HERTZ, voiceClass, voiceMedia, writeVoices } from '../sound/voices.ts';
import { type AgentBehaviour, DEFAULT_BEHAVIOUR, type Ringing, type RingingTold, ringPhone } from './agents.ts';
import { type LiveCall, placeCall } from './caller.ts';
import { LAB_APP } from './exchange-files.ts';
import { overhear, whoSpeaks } from './overhear.ts';
import { Lines, type Phone, phoneOn } from './phone.ts';
import type { CallOptions, PlacedCall } from './placed-call.ts';

export interface Exchange {
  /** Places a call; resolves when it has ended. */
  placeCall(options: CallOptions): Promise<PlacedCall>;
  /** How a phone behaves from its next ringing on; undefined: as at the start. */
  setAgent(phone: string, behaviour: AgentBehaviour | undefined): void;
  /** How phones behave that were told nothing. */
  setAgents(behaviour: AgentBehaviour): void;
  /** A phone in an agent's hand. @param from the caller's number as shown, for a phone that is on several calls at once. */
  phone(name: string, from?: string): Phone;
  /**
   * What is heard in this moment on a channel: `caller`, phones by name, `ringing`, `music`, sorted; empty: silence, or
   * speech. Takes about half a second; null: the channel is gone.
   */
  hears(channel: string): Promise<readonly string[] | null>;
  /** Channel of the newest caller that is up, of all or of those with this number. */
  callerChannel(from?: string): string | undefined;
  /** The tone a phone speaks. */
  hertzOf(phone: string): number;
  /** Calls placed and not ended. */
  readonly live: number;
  close(): void;
}

export interface ExchangeNeeds {
  readonly asterisk: Asterisk;
  readonly table: Table;
  /** Folder of the tones, on this host and as the exchange sees it. */
  readonly voices: { readonly host: string; readonly seen: string };
}

/** Digits enough to tell a caller, however the number was normalised. */
const TELLING_DIGITS = 7;

const sameNumber = (a: string, b: string): boolean =>
  a !== '' && b !== '' && a.slice(-TELLING_DIGITS) === b.slice(-TELLING_DIGITS);

/** Whose call rings this phone: the caller's number tells, else the hotline; the newest that is not talking yet. */
const ownerOf = (calls: Iterable<LiveCall>, ringing: Ringing): LiveCall | undefined => {
  const score = (call: LiveCall): number =>
    (sameNumber(call.from ?? '', ringing.number) ? 4 : 0) +
    (ringing.hotline !== '' && call.dialled.endsWith(ringing.hotline) ? 2 : 0) +
    (call.talking ? 0 : 1);
  let best: { readonly call: LiveCall; readonly score: number } | undefined;
  for (const call of calls) if (best === undefined || score(call) >= best.score) best = { call, score: score(call) };
  return best?.call;
};

const tellOwners = (calls: ReadonlySet<LiveCall>): RingingTold => {
  const owners = new Map<Ringing, LiveCall>();
  return {
    rang: (ringing) => {
      const owner = ownerOf(calls, ringing);
      if (owner) owners.set(ringing, owner);
      return owner?.rang(ringing) ?? { record: false };
    },
    answered: (ringing) => owners.get(ringing)?.answered(ringing),
    ended: (ringing) => {
      owners.get(ringing)?.ended(ringing);
      owners.delete(ringing);
    },
  };
};

const hertzFor =
  (phones: readonly string[]) =>
  (phone: string): number =>
    agentHertz(Math.max(0, phones.indexOf(phone)));

/** Every tone that is spoken on an exchange of this table. */
export const voicesOf = (table: Table): readonly number[] => {
  const phones = endpointsOf(table).map(phoneOf);
  return [CALLER_HERTZ, agentHertz(0), ...phones.map(hertzFor(phones))];
};

export const openExchange = async ({ asterisk, table, voices }: ExchangeNeeds): Promise<Exchange> => {
  const phones = endpointsOf(table).map(phoneOf);
  const hertzOf = hertzFor(phones);
  await writeVoices(voices.host, voicesOf(table));
  const behaviours = new Map<string, AgentBehaviour>();
  let usual = DEFAULT_BEHAVIOUR;
  const calls = new Set<LiveCall>();
  const ari = await connectAri(asterisk.ariUrl, asterisk.ari, LAB_APP);
  const spool = `${asterisk.folder}/spool`;
  const events = listenByChannel(ari, (event) => {
    if (event.type !== 'StasisStart' || event.args?.[0] !== 'agent') return;
    void ringPhone(shared, event);
  });
  const shared = {
    ari,
    events,
    spool,
    told: tellOwners(calls),
    behaviourOf: (phone: string) => behaviours.get(phone) ?? usual,
    voiceOf: (phone: string) => voiceClass(hertzOf(phone)),
    lines: new Lines(),
  };
  const caller = {
    ari,
    events,
    spool,
    voice: voiceMedia(voices.seen, CALLER_HERTZ),
    hertzOf,
    isQueueMember: (phone: string) => destinationsOf(table, phone).some((id) => id.startsWith('queue:')),
  };
  return {
    placeCall: async (options) => {
      const call = placeCall(caller, `call-${randomUUID()}`, options);
      calls.add(call);
      return call.placed.finally(() => calls.delete(call));
    },
    setAgent: (phone, behaviour) => {
      if (behaviour === undefined) behaviours.delete(phone);
      else behaviours.set(phone, behaviour);
    },
    setAgents: (behaviour) => {
      usual = behaviour;
    },
    phone: (name, from) => phoneOn({ ari, events, hertzOf }, shared.lines, name, from),
    hears: (channel) => overhear({ ari, events, spool }, channel, whoSpeaks(phones, hertzOf)),
    callerChannel: (from) => [...calls].findLast((call) => from === undefined || call.from === from)?.channel,
    hertzOf,
    get live() {
      return calls.size;
    },
    close: () => ari.close(),
  };
};
