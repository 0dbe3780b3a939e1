/** From a place to dial to what FreeSWITCH's `originate` reads, and what travels with it. */
import type { LegTarget, Presentation } from '../port.ts';
import type { QueueEngine } from './esl/queue-engine.ts';
import { REFER_CONTEXT } from './requests.ts';

/** Beyond FreeSWITCH's usual 70, which a call with many hand-overs would use up. */
const MOST_TRANSFERS = 10_000;

/** Seconds that FreeSWITCH's own time limits lie beyond the controller's: they count only while nobody controls the call. */
const UNCONTROLLED_MARGIN_SECONDS = 5;
/** How long an agent who answered waits for a caller whom nobody joins. */
const PARKED_SECONDS = 30;

/** Name of the queue that holds a queue's members with one skill (专席). */
export const skillQueueName = (queue: string, skill: string): string => `${queue}-skill-${skill}`;

/** `name` is a user of the directory; `number@trunk` a number dialled over a gateway. */
function seat(endpoint: string): string {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
}

/** What would end a value, or be expanded in it, is left out: names of hotlines and cities, and numbers, have none of it. */
const clean = (text: string): string => text.replace(/[\p{Cc}'"\\,;${}[\]<>|^]/gu, '');

/** Full-width characters stand this far from those of ASCII. */
const FULL_WIDTH = 0xfee0;

/** An agent's own words keep their meaning: what {@link clean} would leave out is written full width. */
const widen = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/['"\\,;${}[\]<>|^]/g, (character) => String.fromCharCode(character.charCodeAt(0) + FULL_WIDTH));

/** What the former agent tells the next one. */
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
  /** Where in the dialplan the caller is found again, should the leg end in the very moment of the join. */
  readonly dialled: string;
  /** Where it goes when it is answered, with nobody in control even: variables that the context `hotline-leg` reads. */
  readonly goes: Readonly<Record<string, string>>;
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
  // What its phone asks to have transferred comes to us.
  confirm_blind_transfer: 'true',
  force_transfer_dialplan: 'XML',
  force_transfer_context: REFER_CONTEXT,
  max_session_transfers: MOST_TRANSFERS,
  ...leg.goes,
  ...(target.kind === 'seat'
    ? { hotline_endpoint: target.endpoint, originate_timeout: target.ringSeconds + UNCONTROLLED_MARGIN_SECONDS }
    : {
        originate_timeout: UNCONTROLLED_MARGIN_SECONDS,
        loopback_bowout: 'false', // stay, or the caller would become a member of the queue itself
        loopback_bowout_on_execute: 'false',
        ...queues.variables(target.waitSeconds + UNCONTROLLED_MARGIN_SECONDS, target.priority ?? 0),
      }),
});

/** What `originate` takes. Who answers goes where it was told, or is parked until joined. */
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
