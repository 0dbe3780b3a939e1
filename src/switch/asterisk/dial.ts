/** From a place to dial to what Asterisk dials, and what travels with it. */
import type { LegTarget, Presentation } from '../port.ts';
import { queueHalfId } from './ids.ts';

/** Seconds that Asterisk's own time limits lie beyond the controller's: they count only while nobody controls the call. */
const UNCONTROLLED_MARGIN_SECONDS = 5;

export interface Dialling {
  readonly endpoint: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Id for the far half of a Local channel, where the queue leaves its variables. */
  readonly otherChannelId: string | undefined;
}

/** Name of the app_queue queue that holds a queue's members with one skill (专席). */
export const skillQueueName = (queue: string, skill: string): string => `${queue}-skill-${skill}`;

/** `name` is a PJSIP endpoint; `number@trunk` a number dialled over one. */
const pjsip = (endpoint: string): string => `PJSIP/${endpoint}`;

/**
 * What the leg's phone will show. Set on the leg itself; a leg joins the bridge with connected-line updates inhibited,
 * so it stays. A withheld number is shown as `anonymous`, but allowed: otherwise the name would be hidden with it.
 */
const identity = (who: Presentation): Record<string, string> => ({
  'CONNECTEDLINE(all,i)': callerIdAll(who),
  'CONNECTEDLINE(pres,i)': 'allowed',
});

const headers = (who: Presentation, callId: string): Record<string, string> => ({
  'PJSIP_HEADER(add,X-Hotline)': who.hotline,
  'PJSIP_HEADER(add,X-Hotline-Region)': who.region,
  'PJSIP_HEADER(add,X-Hotline-Call)': callId,
});

/** Variables that `[hotline-queue]` and `[hotline-agent]` read; `__`: they reach the agents' channels too. */
const queueVariables = (who: Presentation, callId: string, waitSeconds: number): Record<string, string> => ({
  __HOTLINE_NUMBER: who.hotline,
  __HOTLINE_REGION: who.region,
  __HOTLINE_CALL: callId,
  HOTLINE_WAIT: String(waitSeconds + UNCONTROLLED_MARGIN_SECONDS),
});

/** @param channelId id the leg's channel will have. */
export function dialling(target: LegTarget, who: Presentation, callId: string, channelId: string): Dialling {
  if (target.kind === 'seat') {
    return {
      endpoint: pjsip(target.endpoint),
      variables: { ...identity(who), ...headers(who, callId) },
      timeoutSeconds: target.ringSeconds + UNCONTROLLED_MARGIN_SECONDS,
      otherChannelId: undefined,
    };
  }
  const name = target.skill === undefined ? target.queue : skillQueueName(target.queue, target.skill);
  return {
    endpoint: `Local/${name}@hotline-queue/n`,
    variables: { ...identity(who), ...queueVariables(who, callId, target.waitSeconds) },
    timeoutSeconds: target.waitSeconds + 2 * UNCONTROLLED_MARGIN_SECONDS,
    otherChannelId: queueHalfId(channelId),
  };
}

/** Name and number as Asterisk reads them; what would break the quoting is left out. */
function callerIdAll({ name, number }: Presentation): string {
  const clean = (text: string) => text.replace(/["<>\\\p{Cc}]/gu, '');
  return `"${clean(name)}" <${number === null ? 'anonymous' : clean(number)}>`;
}
