/** The agents' phones: each INVITE the exchange gets from the PBX is a phone that rings, and behaves as it was told. */
import type { Ari, AriEvent, ChannelEvents } from '../pbx/ari.ts';
import type { Line, Lines } from './phone.ts';
import { type Recording, recordWhatIsHeard } from './recording.ts';

/** What the phone does when it rings. */
export type AgentBehaviour =
  | {
      readonly do: 'answer';
      readonly afterMs: number;
      readonly hangupAfterMs?: number;
      /** Busy while it rings or talks; otherwise a phone here takes any number of calls. */
      readonly oneAtATime?: boolean;
    }
  | { readonly do: 'ring' }
  | { readonly do: 'busy' | 'reject' | 'unreachable'; readonly afterMs?: number };

export const DEFAULT_BEHAVIOUR: AgentBehaviour = { do: 'answer', afterMs: 1000 };

/** Q.850 causes that Asterisk turns into SIP 486, 603 and 480. */
const REFUSALS = { busy: 17, reject: 21, unreachable: 20 } as const;

/** One ringing of one phone. Times are wall clock, milliseconds since the epoch. */
export interface Ringing {
  readonly phone: string;
  /** What the phone shows. */
  readonly name: string;
  readonly number: string;
  readonly hotline: string;
  readonly region: string;
  /** Channel of the phone, for what else is on it. */
  readonly channel: string;
  readonly rangAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  /** The agent hung up, not the far end. */
  hungUp: boolean;
  cause: number | null;
  recording: Recording | null;
}

export interface RingingTold {
  /** A phone rings; says whether what it hears is to be recorded. */
  rang(ringing: Ringing): { readonly record: boolean };
  answered(ringing: Ringing): void;
  ended(ringing: Ringing): void;
}

export interface Phones {
  readonly ari: Ari;
  readonly events: ChannelEvents;
  readonly spool: string;
  behaviourOf(phone: string): AgentBehaviour;
  /** Music-on-hold class of the tone the phone speaks. */
  voiceOf(phone: string): string;
  readonly lines: Lines;
  readonly told: RingingTold;
}

const ringingOf = (event: AriEvent): Ringing => ({
  phone: event.args?.[1] ?? '',
  name: event.channel?.caller.name ?? '',
  number: event.channel?.caller.number ?? '',
  hotline: event.args?.[2] ?? '',
  region: event.args?.[3] ?? '',
  channel: event.channel?.id ?? '',
  rangAt: Date.parse(event.timestamp ?? '') || Date.now(),
  answeredAt: null,
  endedAt: null,
  hungUp: false,
  cause: null,
  recording: null,
});

/** Starts one phone's ringing; the rest happens by timers and events until its channel is gone. */
export const ringPhone = async (phones: Phones, event: AriEvent): Promise<void> => {
  const { ari, events } = phones;
  const id = event.channel?.id ?? '';
  const ringing = ringingOf(event);
  const line: Line = {
    channel: id,
    phone: ringing.phone,
    number: ringing.number,
    isOwn: false,
    isUp: false,
    isReferring: false,
  };
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, work: () => Promise<unknown>): void => {
    timers.push(setTimeout(() => void work(), ms));
  };
  const hangup = async (cause: number): Promise<unknown> => {
    ringing.hungUp = true;
    return ari.send('DELETE', `channels/${id}`, { reason_code: cause });
  };
  events.on(id, (late) => {
    if (late.type === 'ChannelHangupRequest') ringing.cause = late.cause ?? null;
    // A channel that came in is told of no more once it has left the application, unless it left to ask for a transfer.
    if (late.type !== 'ChannelDestroyed' && (late.type !== 'StasisEnd' || line.isReferring)) return;
    phones.lines.drop(line);
    timers.forEach(clearTimeout);
    events.off(id);
    ringing.endedAt = Date.now();
    phones.told.ended(ringing);
  });
  const { record } = phones.told.rang(ringing);
  const told = phones.behaviourOf(ringing.phone);
  const isTaken = told.do === 'answer' && told.oneAtATime === true && phones.lines.isBusy(line);
  const behaviour: AgentBehaviour = isTaken ? { do: 'busy' } : told;
  if (behaviour.do === 'answer' || behaviour.do === 'ring') phones.lines.add(line);
  const answer = async (hangupAfterMs: number | undefined): Promise<void> => {
    const answered = await ari.send('POST', `channels/${id}/answer`);
    if (answered.status >= 300) return;
    ringing.answeredAt = Date.now();
    line.isUp = true;
    if (hangupAfterMs !== undefined) after(hangupAfterMs, () => hangup(16));
    phones.told.answered(ringing);
    if (record) ringing.recording = await recordWhatIsHeard(ari, events, phones.spool, id);
    await ari.send('POST', `channels/${id}/moh`, { mohClass: phones.voiceOf(ringing.phone) });
  };
  if (behaviour.do === 'ring' || behaviour.do === 'answer') await ari.send('POST', `channels/${id}/ring`);
  if (behaviour.do === 'answer') after(behaviour.afterMs, () => answer(behaviour.hangupAfterMs));
  else if (behaviour.do !== 'ring') after(behaviour.afterMs ?? 0, () => hangup(REFUSALS[behaviour.do]));
};
