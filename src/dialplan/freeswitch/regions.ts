/**
 * The first half of the fallback dialplan for FreeSWITCH. A shape of number that `route` does not read is in no
 * expression. Pure.
 *
 * FreeSWITCH looks at the extensions of a context one after another: what goes the same way shares one expression.
 */
import { dialledRoutes, fixedLineRoutes, mobileStarts, NOTHING_TELLS } from '../enumerated-routes.ts';
import type { RegionContexts } from '../fallback.ts';
import { type Action, ANY_NUMBER, anyOf, context, type Extension, goOn, goTo, literal } from './text.ts';

/** Goes on with a number and the region so far found, unless the trunk named one. */
const found = (number: string, region: string): readonly Action[] => [
  ['set', `hotline_found=${region}`],
  goTo(number, 'hotline-fallback-found'),
];

/** Keys by value, both in the order they come in. */
const grouped = <Key, Value>(entries: Iterable<readonly [Key, Value]>): Map<Value, Key[]> => {
  const groups = new Map<Value, Key[]>();
  for (const [key, value] of entries) {
    const keys = groups.get(value) ?? [];
    keys.push(key);
    groups.set(value, keys);
  }
  return groups;
};

/** What the controller, or the way back to it, has left on the caller's channel is of no use here. */
const CLEARED = ['hotline_region', 'transfer_after_bridge', 'park_after_bridge', 'call_timeout'];

const entry: RegionContexts['entry'] = (table) => {
  const clear = CLEARED.map((name): Action => ['unset', name]);
  const trunks = [...table.trunks.values()].flatMap(({ id, region }): Extension[] => {
    if (region === undefined) return [];
    const actions: Action[] = [...clear, ['set', `hotline_region=${region}`], goOn('hotline-fallback-dialled')];
    const expression = `^${literal(id)}$`;
    return [{ name: `trunk-${id}`, conditions: [{ field: `\${hotline_trunk}`, expression, actions }] }];
  });
  const others = {
    name: 'any-trunk',
    conditions: [{ ...ANY_NUMBER, actions: [...clear, goOn('hotline-fallback-dialled')] }],
  };
  const about = 'The way in. A trunk that names a region wins over everything else.';
  return context('hotline-fallback', about, [...trunks, others]);
};

/** `0592`, `+86592` … before these numbers; prefixes that stand before the same numbers share an expression. */
const dialledExtensions = (
  region: string,
  shapes: readonly (readonly [shape: string, number: string])[],
): Extension[] => {
  const byPrefix = grouped(shapes.map(([shape, number]) => [number, shape.slice(0, -number.length)] as const));
  const byNumbers = grouped(Array.from(byPrefix, ([prefix, numbers]) => [prefix, anyOf(numbers)] as const));
  return Array.from(byNumbers, ([numbers, prefixes]) => {
    const expression = `^(?:${anyOf(prefixes)})(${numbers})$`;
    const actions = region === '' ? [goTo('$1', 'hotline-fallback-caller')] : found('$1', region);
    const name = region === '' ? 'no-area-code' : `area-code-of-${region}`;
    return { name, conditions: [{ field: 'destination_number', expression, actions }] };
  });
};

const dialled: RegionContexts['dialled'] = (table) => {
  const routes = Array.from(dialledRoutes(table), ([shape, { number, region = '' }]) => {
    return [[shape, number] as const, region] as const;
  });
  const extensions = Array.from(grouped(routes), ([region, shapes]) => dialledExtensions(region, shapes)).flat();
  const stranger: Extension = {
    name: 'stranger',
    conditions: [{ ...ANY_NUMBER, actions: [['hangup', 'UNALLOCATED_NUMBER']] }],
    comment: 'Not in the table: 404, nothing is dialled',
  };
  return context('hotline-fallback-dialled', 'Every shape of every number.', [...extensions, stranger]);
};

/** Patterns such as `0592XXX` and `0592XXXX` as one expression: `0592[0-9]{3,4}`. */
const expressionOf = (patterns: readonly string[]): string => {
  const lengths = grouped(patterns.map((pattern) => [pattern.length, pattern.replace(/X+$/, '')] as const));
  const alternatives = Array.from(lengths, ([start, all]) => {
    const [least = 0, most = 0] = [Math.min(...all), Math.max(...all)].map((length) => length - start.length);
    if (all.length !== most - least + 1) throw new Error(`lengths of callers' numbers after ${start} have a gap`);
    return `${literal(start)}[0-9]{${least},${most}}`;
  });
  return `^(?:${alternatives.join('|')})$`;
};

const fromCaller = (name: string, expression: string, actions: readonly Action[]): Extension => ({
  name,
  conditions: [{ field: 'caller_id_number', expression, actions }],
});

const nothingTells = (comment?: string): Extension => ({
  name: 'anybody',
  conditions: [{ ...ANY_NUMBER, actions: found(`\${destination_number}`, NOTHING_TELLS) }],
  ...(comment !== undefined && { comment }),
});

const caller: RegionContexts['caller'] = (table) => {
  const byRegion = grouped(fixedLineRoutes(table).map(({ pattern, region }) => [pattern, region] as const));
  const fixed = Array.from(byRegion, ([region, patterns]) =>
    fromCaller(`caller-of-${region}`, expressionOf(patterns), found(`\${destination_number}`, region)),
  );
  const mobile = mobileStarts(table).map(({ start, shapes }) =>
    fromCaller(`mobile-${start}`, expressionOf(shapes.map(({ pattern }) => pattern)), [
      goOn(`hotline-fallback-mobile-${start}`),
    ]),
  );
  const extensions = [...fixed, ...mobile, nothingTells('Nothing tells the city')];
  return context('hotline-fallback-caller', "No area code was dialled: the region is the caller's.", extensions);
};

/** The prefix lies before the last four digits, whatever stands before it. */
const mobile: RegionContexts['mobile'] = ({ start, prefixes }) => {
  const known = Array.from(grouped(prefixes), ([region, all]) =>
    fromCaller(`mobile-of-${region}`, `(?:${anyOf(all)})[0-9]{4}$`, found(`\${destination_number}`, region)),
  );
  return context(`hotline-fallback-mobile-${start}`, `Mobile prefixes ${start}…`, [...known, nothingTells()]);
};

const whenFound = context('hotline-fallback-found', "A number, and the region of its call unless the trunk's holds.", [
  {
    name: 'found',
    conditions: [
      {
        field: `\${hotline_region}`,
        expression: '^$',
        actions: [['set', `hotline_region=\${hotline_found}`]],
        otherwise: [],
      },
      { ...ANY_NUMBER, actions: [goOn(`hotline-fallback-in-\${hotline_region}`)] },
    ],
  },
]);

export const regions: RegionContexts = { entry, dialled, caller, mobile, found: whenFound };
