/**
 * `hotline-fallback.xml`: the fallback dialplan in FreeSWITCH's XML. Between contexts the number in hand is the
 * destination number. Pure.
 */
import { formatPlan } from '../../routing/format-plan.ts';
import type { Region, Table } from '../../routing/table.ts';
import { routesIn } from '../enumerated-routes.ts';
import { fallbackContexts, type NamedPlan, type Plans, plainText } from '../fallback.ts';
import { PLANS, type PlanPlaces, planParts } from './plan.ts';
import type { QueueEngine } from './queues.ts';
import { regions } from './regions.ts';
import { type Action, ANY_NUMBER, anyOf, comment, context, type Extension, goOn, goTo, literal } from './text.ts';

export interface FallbackOptions extends PlanPlaces {
  /** The clock that hours and dates are taken by. */
  readonly at: Date;
}

/** Numbers that do the same in a region share an extension. */
const inRegion = (table: Table, region: Region, plans: Plans, at: Date): string => {
  const numbers = new Map<string, string[]>();
  for (const { number, plan } of routesIn(table, region, at)) {
    const name = plans.nameOf(plan);
    numbers.set(name, [...(numbers.get(name) ?? []), number]);
  }
  const city = plainText(region.name);
  const extensions = Array.from(numbers, ([plan, all]): Extension => {
    const actions: Action[] = [
      ['set', 'hotline_number=$1'],
      ['set', `hotline_city=${city}`],
      goTo(plan, 'hotline-fallback-present'),
    ];
    const expression = `^(${anyOf(all)})$`;
    return { name: `to-${plan}`, conditions: [{ field: 'destination_number', expression, actions }] };
  });
  return context(`hotline-fallback-in-${region.id}`, `Where calls of ${city} go.`, extensions);
};

const HEADERS = { 'X-Hotline': 'hotline_number', 'X-Hotline-Region': 'hotline_region', 'X-Hotline-Call': 'uuid' };

const headers = Object.entries(HEADERS).map(([header, name]): Action => ['export', `sip_h_${header}=\${${name}}`]);

/** Ringing as the public network of China sounds: an answered caller hears none by itself. */
const RINGING = '%(1000,4000,450)';

/** A withheld number is shown as anonymous, or the name would be hidden too. */
const present = (queues: QueueEngine): string =>
  context('hotline-fallback-present', "What the agent's phone shows, and how legs are joined.", [
    {
      name: 'present',
      conditions: [
        {
          field: 'caller_id_number',
          expression: '[0-9]',
          actions: [['set', `effective_caller_id_number=\${caller_id_number}`]],
          otherwise: [['set', 'effective_caller_id_number=anonymous']],
        },
        {
          ...ANY_NUMBER,
          actions: [
            ['set', `effective_caller_id_name=\${hotline_number} \${hotline_city}`],
            ['privacy', 'no'],
            ...headers,
            ['set', 'ignore_display_updates=true'], // the caller's network is not told who the agent is
            ['set', `transfer_ringback=${RINGING}`],
            ['set', 'ignore_early_media=true'],
            ['set', 'continue_on_fail=true'],
            ['set', 'hangup_after_bridge=true'], // with the talk the call is over
            ...queues.prepare(Object.keys(HEADERS).map((header) => `sip_h_${header}`)),
            goOn(PLANS),
          ],
        },
      ],
    },
  ]);

const plansContext = (table: Table, places: PlanPlaces, plans: readonly NamedPlan[]): string => {
  const extensions = plans.flatMap(({ name: first, plan }) =>
    planParts(table, places, plan, first).map(({ name, actions }): Extension => {
      const conditions = [{ field: 'destination_number', expression: `^${literal(name)}$`, actions }];
      return { name, conditions, ...(name === first && { comment: formatPlan(plan) }) };
    }),
  );
  return context(PLANS, 'Each distinct plan, once; after a queue it goes on in an extension of its own.', extensions);
};

/** The whole file. */
export const fallbackXml = (whole: Table, { at, ...places }: FallbackOptions): string => {
  const contexts = fallbackContexts(whole, at, {
    comment,
    regions,
    linesOf: (table, plan) => planParts(table, places, plan, '').map((part) => JSON.stringify(part)),
    inRegion,
    present: present(places.queues),
    plans: (table, plans) => plansContext(table, places, plans),
  });
  return ['<include>', ...contexts, '</include>', ''].join('\n');
};
