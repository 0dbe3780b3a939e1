/** The caller's side of one call, from before the INVITE until its channel is gone. */

import type { Ari, AriEvent, ChannelEvents } from '../pbx/ari.ts';
import { DEFAULT_TRUNK, TRUNK_HEADER } from '../pbx/pbx.ts';
import { whenToneHeard } from '../sound/listening.ts';
import type { Ringing, RingingTold } from './agents.ts';
import { LAB_APP, PBX_ENDPOINT } from './exchange-files.ts';
import { agentSeen, type CallMoment, type CallOptions, type PlacedCall } from './placed-call.ts';
import { type Recording, recordingFile, recordWhatIsHeard } from './recording.ts';

/** A mobile number: nothing in it tells a region. */
const DEFAULT_FROM = '13900001111';
const ENTERS_WITHIN_MS = 10_000;
const DEFAULT_LIMIT_MS = 180_000;
/** How long the agents' phones may stay up after the caller has gone. */
const RELEASE_MS = 1000;

const endingOf = (ringing: Ringing): string => {
  if (!ringing.hungUp) return 'is released';
  return ringing.answeredAt === null ? 'refuses' : 'hangs up';
};

export interface CallerNeeds {
  readonly ari: Ari;
  readonly events: ChannelEvents;
  readonly spool: string;
  /** ARI `media` of what the caller says. */
  readonly voice: string;
  isQueueMember(phone: string): boolean;
  /** The tone a phone speaks. */
  hertzOf(phone: string): number;
}

/** A live call as the agents' side sees it, to find whose call rings a phone. */
export interface LiveCall extends RingingTold {
  readonly channel: string;
  readonly dialled: string;
  readonly from: string | null;
  readonly talking: boolean;
  readonly placed: Promise<PlacedCall>;
}

const variables = (options: CallOptions, from: string | null): Record<string, string> => ({
  [`PJSIP_HEADER(add,${TRUNK_HEADER})`]: options.trunk ?? DEFAULT_TRUNK,
  'CONNECTEDLINE(num,i)': from ?? '',
  'CONNECTEDLINE(num-pres,i)': from === null ? 'prohib' : 'allowed',
  'CONNECTEDLINE(name-pres,i)': from === null ? 'prohib' : 'allowed',
});

export const placeCall = (needs: CallerNeeds, id: string, options: CallOptions): LiveCall => {
  const { ari, events } = needs;
  const from = options.from === undefined ? DEFAULT_FROM : options.from || null;
  const agents: Ringing[] = [];
  const timers: NodeJS.Timeout[] = [];
  const marks: { readonly at: number; readonly event: string }[] = [];
  let invitedAt = 0;
  let ringingAt: number | null = null;
  let answeredAt: number | null = null;
  let hungUp = false;

  const mark = (event: string): void => {
    marks.push({ at: Date.now(), event });
  };
  const hangup = (why: string): void => {
    if (hungUp) return;
    hungUp = true;
    mark(why);
    void ari.send('DELETE', `channels/${id}`, { reason_code: 16 });
  };
  const reached = (moment: CallMoment, agoMs = 0): void => {
    if (options.hangup?.after !== moment) return;
    timers.push(setTimeout(() => hangup('caller hangs up'), Math.max(0, options.hangup.ms - agoMs)));
  };
  let released = (): void => undefined;
  const over = new AbortController();
  const heard = async (phone: string): Promise<void> => {
    const heardForMs = await whenToneHeard(recordingFile(needs.spool, id), needs.hertzOf(phone), over.signal);
    if (heardForMs !== null) reached('heard', heardForMs);
  };
  const ended = new Promise<AriEvent>((resolve) => {
    events.on(id, (event) => {
      if (event.type === 'ChannelStateChange' && event.channel?.state === 'Ringing' && ringingAt === null) {
        ringingAt = Date.now();
        mark('hotline rings');
      }
      if (event.type === 'ChannelStateChange' && event.channel?.state === 'Up') {
        answeredAt = Date.now();
        mark('hotline answers');
        reached('prompt');
        if (options.speak !== false) void ari.send('POST', `channels/${id}/play`, { media: needs.voice });
      }
      if (event.type === 'ChannelDestroyed') resolve(event);
    });
  });

  /** The agents' phones, a moment after the caller; one that stays up longer is a fault for the report to show. */
  const allHungUp = async (): Promise<void> => {
    const deadline = Date.now() + RELEASE_MS;
    while (agents.some((agent) => agent.endedAt === null) && Date.now() < deadline) {
      const { promise, resolve } = Promise.withResolvers<void>();
      released = resolve;
      const timer = setTimeout(resolve, deadline - Date.now());
      await promise;
      clearTimeout(timer);
    }
  };

  const run = async (): Promise<PlacedCall> => {
    const entered = events.next(id, ['StasisStart'], ENTERS_WITHIN_MS); // before that, Asterisk refuses to dial it
    await ari.send(
      'POST',
      'channels/create',
      { endpoint: `PJSIP/${options.dialled}@${PBX_ENDPOINT}`, app: LAB_APP, appArgs: 'caller', channelId: id },
      { variables: variables(options, from) },
    );
    await entered;
    const recording = options.record === false ? null : await recordWhatIsHeard(ari, events, needs.spool, id);
    invitedAt = Date.now();
    mark('INVITE');
    await ari.send('POST', `channels/${id}/dial`, { timeout: 3600 });
    reached('dial');
    timers.push(setTimeout(() => hangup('caller gives up'), options.limitMs ?? DEFAULT_LIMIT_MS));
    options.signal?.addEventListener('abort', () => hangup('caller hangs up'), { once: true });
    if (options.signal?.aborted) hangup('caller hangs up');
    return finish(recording, await ended);
  };

  const finish = async (recording: Recording | null, last: AriEvent): Promise<PlacedCall> => {
    const endedAt = Date.now();
    mark('call ends');
    timers.forEach(clearTimeout);
    over.abort();
    events.off(id);
    await allHungUp();
    await Promise.all([recording, ...agents.map((agent) => agent.recording)].map((each) => each?.finish()));
    const byAgent = agents.some((agent) => agent.answeredAt !== null && agent.hungUp);
    return {
      dialled: options.dialled,
      from,
      ringingMs: ringingAt === null ? null : ringingAt - invitedAt,
      answeredMs: answeredAt === null ? null : answeredAt - invitedAt,
      endedMs: endedAt - invitedAt,
      endedBy: hungUp ? 'caller' : byAgent ? 'agent' : 'hotline',
      cause: last.cause ?? 0,
      agents: agents.map((agent) => agentSeen(agent, invitedAt)),
      recording: recording === null ? null : { file: recording.file, fromMs: recording.startedAt - invitedAt },
      timeline: marks.map(({ at, event }) => ({ atMs: at - invitedAt, event })),
    };
  };

  return {
    channel: id,
    dialled: options.dialled,
    from,
    get talking() {
      return agents.some((agent) => agent.answeredAt !== null && agent.endedAt === null);
    },
    placed: run(),
    rang: (ringing) => {
      agents.push(ringing);
      mark(`${ringing.phone} rings`);
      reached('ringing');
      if (needs.isQueueMember(ringing.phone)) reached('queue');
      return { record: options.recordAgents === true };
    },
    answered: (ringing) => {
      mark(`${ringing.phone} answers`);
      reached('talk');
      if (options.hangup?.after === 'heard') void heard(ringing.phone);
    },
    ended: (ringing) => {
      mark(`${ringing.phone} ${endingOf(ringing)}`);
      released();
    },
  };
};
