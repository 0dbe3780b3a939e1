/** What FreeSWITCH's `originate` reads to dial a seat or a queue, with the variables and SIP headers that go along. */
import type { LegTarget, Presentation } from '../port.ts';
import type { QueueEngine } from './esl/queue-engine.ts';
import { REFER_CONTEXT } from './requests.ts';

/** FreeSWITCH's default of 70 would not do for a call with many transfers. */
const MOST_TRANSFERS = 10_000;

/** FreeSWITCH's own time limits are this much longer than the controller's: they matter only while nobody controls the call. */
const UNCONTROLLED_MARGIN_SECONDS = 5;
/** How long an agent who answered stays parked while nobody joins the caller. */
const PARKED_SECONDS = 30;

/** Name of the queue that holds a queue's members with one skill (专席). */
export const skillQueueName = (queue: string, skill: string): string => `${queue}-skill-${skill}`;

/** `name` is a user of the directory; `number@trunk` a number dialled over a gateway. */
function seat(endpoint: string): string {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
}

/** Drops characters that would end a value or be expanded in it; names of hotlines and cities, and numbers, have none. */
const clean = (text: string): string => text.replace(/[\p{Cc}'"\\,;${}[\]<>|^]/gu, '');

/** Distance from an ASCII character to its full-width form. */
const FULL_WIDTH = 0xfee0;

/** An agent's own words stay readable: what {@link clean} would drop is written full width. */
const widen = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/['"\\,;${}[\]<>|^]/g, (character) => String.fromCharCode(character.charCodeAt(0) + FULL_WIDTH));

/** Headers by which the transferring agent tells the next one. */
const handedOn = ({ handedOn: told }: Presentation): Record<string, string> => {
  const headers = {
    'sip_h_X-Hotline-From': told?.from ?? '',
    'sip_h_X-Hotline-From-Agent': told?.agent ?? '',
    'sip_h_X-Hotline-Work-Order': widen(told?.workOrder ?? ''),
    'sip_h_X-Hotline-Note': widen(told?.note ?? ''),
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
};

export interface LegFacts {
  readonly channelId: string;
  readonly callerId: string;
  readonly callId: string;
  /** Number that was dialled. The dialplan finds the caller again by it, if the leg ends at the moment of the join. */
  readonly dialled: string;
  /** Post-answer route: variables by which the context `hotline-leg` sends it on, even if nobody controls the call. */
  readonly route: Readonly<Record<string, string>>;
}

/** Variables of the leg's channel; `sip_h_` are headers of the INVITE, and reach a queue's agents too. */
const variables = (
  target: LegTarget,
  who: Presentation,
  leg: LegFacts,
  queues: QueueEngine,
): Record<string, string | number> => ({
  origination_uuid: leg.channelId,
  hotline_leg_uuid: leg.channelId,
  hotline_caller: leg.callerId,
  rdnis: leg.dialled,
  origination_caller_id_name: who.name,
  origination_caller_id_number: who.number ?? 'anonymous',
  'sip_h_X-Hotline': who.hotline,
  'sip_h_X-Hotline-Region': who.region,
  'sip_h_X-Hotline-Call': leg.callId,
  ...handedOn(who),
  ignore_early_media: 'true',
  park_timeout: PARKED_SECONDS,
  transfer_after_bridge: 'leg:XML:hotline-leg',
  // A REFER of its phone comes to us.
  confirm_blind_transfer: 'true',
  force_transfer_dialplan: 'XML',
  force_transfer_context: REFER_CONTEXT,
  max_session_transfers: MOST_TRANSFERS,
  ...leg.route,
  ...(target.kind === 'seat'
    ? { hotline_endpoint: target.endpoint, originate_timeout: target.ringSeconds + UNCONTROLLED_MARGIN_SECONDS }
    : {
        originate_timeout: UNCONTROLLED_MARGIN_SECONDS,
        loopback_bowout: 'false', // stay, or the caller would become a member of the queue itself
        loopback_bowout_on_execute: 'false',
        ...queues.variables(target.waitSeconds + UNCONTROLLED_MARGIN_SECONDS, target.priority ?? 0),
      }),
});

/** What `originate` reads. A phone that answers follows its post-answer route, or is parked until joined. */
export function dialString(target: LegTarget, who: Presentation, leg: LegFacts, queues: QueueEngine): string {
  const written = Object.entries(variables(target, who, leg, queues)).map(
    ([name, value]) => `${name}='${clean(String(value))}'`,
  );
  const place =
    target.kind === 'seat'
      ? seat(target.endpoint)
      : `loopback/${target.skill === undefined ? target.queue : skillQueueName(target.queue, target.skill)}/${queues.context}`;
  return `{${written.join(',')}}${place} leg XML hotline-leg`;
}
