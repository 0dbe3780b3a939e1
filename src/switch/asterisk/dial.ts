/** What Asterisk dials for a target, and the variables and headers that go with it. */
import type { HandedOn, LegTarget, Presentation } from '../port.ts';
import { queueHalfId } from './ids.ts';

/** Asterisk's own time limits are this many seconds beyond the controller's: they only matter while nobody controls the call. */
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

/** Asterisk passes a phone's REFER to us and does nothing itself. Without it, it would dial what the phone asks for. */
export const ASK_US: Readonly<Record<string, string>> = { 'PJSIP_TRANSFER_HANDLING()': 'ari-only' };

/** What an agent wrote, as the value of one header: no control character, whole characters only. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();

/** By the last part of the header's name, which is also the variable's. What is not known is left out. */
const handedOnTexts = (handedOn: HandedOn | undefined): readonly (readonly [string, string])[] => {
  if (handedOn === undefined) return [];
  const { from, agent, workOrder, note } = handedOn;
  const texts = { From: from, 'From-Agent': agent, 'Work-Order': workOrder, Note: note };
  return Object.entries(texts).flatMap(([name, text]) => (text ? [[name, oneLine(text)] as const] : []));
};

const headers = (who: Presentation, callId: string): Record<string, string> => ({
  'PJSIP_HEADER(add,X-Hotline)': who.hotline,
  'PJSIP_HEADER(add,X-Hotline-Region)': who.region,
  'PJSIP_HEADER(add,X-Hotline-Call)': callId,
  ...Object.fromEntries(
    handedOnTexts(who.handedOn).map(([name, text]) => [`PJSIP_HEADER(add,X-Hotline-${name})`, text]),
  ),
});

/** Variables that `[hotline-queue]` and `[hotline-agent]` read; `__`: they reach the agents' channels too. */
const queueVariables = (
  who: Presentation,
  callId: string,
  { waitSeconds, priority }: Extract<LegTarget, { kind: 'queue' }>,
): Record<string, string> => ({
  __HOTLINE_NUMBER: who.hotline,
  __HOTLINE_REGION: who.region,
  __HOTLINE_CALL: callId,
  ...Object.fromEntries(
    handedOnTexts(who.handedOn).map(([name, text]) => [`__HOTLINE_${name.replace('-', '_').toUpperCase()}`, text]),
  ),
  ...(priority !== undefined && { QUEUE_PRIO: String(priority) }), // read by Queue() itself
  HOTLINE_WAIT: String(waitSeconds + UNCONTROLLED_MARGIN_SECONDS),
});

/** @param channelId id the leg's channel will have. */
export function dialling(target: LegTarget, who: Presentation, callId: string, channelId: string): Dialling {
  if (target.kind === 'seat') {
    return {
      endpoint: pjsip(target.endpoint),
      variables: { ...identity(who), ...headers(who, callId), ...ASK_US },
      timeoutSeconds: target.ringSeconds + UNCONTROLLED_MARGIN_SECONDS,
      otherChannelId: undefined,
    };
  }
  const name = target.skill === undefined ? target.queue : skillQueueName(target.queue, target.skill);
  return {
    endpoint: `Local/${name}@hotline-queue/n`,
    variables: { ...identity(who), ...queueVariables(who, callId, target) },
    timeoutSeconds: target.waitSeconds + 2 * UNCONTROLLED_MARGIN_SECONDS,
    otherChannelId: queueHalfId(channelId),
  };
}

/**
 * Name and number as Asterisk reads them, without what would break the quoting. A transferred caller brings the number of
 * the work order, by which the next agent finds what the agent before wrote.
 */
function callerIdAll({ name, number, handedOn }: Presentation): string {
  const clean = (text: string) => text.replace(/["<>\\\p{Cc}]/gu, '');
  const shown = handedOn?.workOrder ? `${name} / ${handedOn.workOrder}` : name;
  return `"${clean(shown)}" <${number === null ? 'anonymous' : clean(number)}>`;
}
