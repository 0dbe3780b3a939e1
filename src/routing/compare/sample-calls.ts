/**
 * Sample calls, by who calls from where: what the trunk, the area code or the caller has to be for a call to belong to a region.
 * They are candidates only; `route` decides which region each belongs to. The fallback dialplan and the diff of two tables use them.
 */
import type { CallFacts } from '../routing.ts';
import type { Region, Table } from '../table.ts';

/** No subscriber needs to have this number: numbering looks only at what stands before it. */
const LOCAL_NUMBER = '20000000';
const AFTER_MOBILE_PREFIX = '0000';

const nothingTold = { caller: null, trunk: null } as const;
const behind = (areaCode: string): string => `${areaCode}${LOCAL_NUMBER}`;
const mobile = (prefix: string): string => `${prefix}${AFTER_MOBILE_PREFIX}`;

/** Calls to a number that may belong to one region, the strongest sign of the region first. */
export const sampleCallsFrom = (table: Table, { id, areaCode }: Region, number: string): readonly CallFacts[] => {
  const trunk = [...table.trunks.values()].find(({ region }) => region === id)?.id ?? null;
  const prefix = [...table.mobilePrefixes].find(([, region]) => region === id)?.[0];
  return [
    { ...nothingTold, dialled: number, trunk },
    { ...nothingTold, dialled: `${areaCode ?? ''}${number}` },
    { ...nothingTold, dialled: number, caller: areaCode === undefined ? null : behind(areaCode) },
    { ...nothingTold, dialled: number, caller: prefix === undefined ? null : mobile(prefix) },
  ];
};

/** A way to call any number. */
interface Way {
  readonly areaCode: string;
  readonly caller: string | null;
}

const areaCodesOf = (tables: readonly Table[]): ReadonlySet<string> =>
  new Set(tables.flatMap(({ regions }) => Array.from(regions.values(), ({ areaCode }) => areaCode ?? [])).flat());

/** One prefix for each combination of regions that the tables give it: a carrier's whole list comes down to some dozens. */
const prefixesOf = (tables: readonly Table[]): readonly string[] => {
  const samples = new Map<string, string>();
  for (const { mobilePrefixes } of tables) {
    for (const prefix of mobilePrefixes.keys()) {
      const seenAs = tables.map((table) => table.mobilePrefixes.get(prefix) ?? '').join(' ');
      if (!samples.has(seenAs)) samples.set(seenAs, prefix);
    }
  }
  return [...samples.values()];
};

const waysOf = (tables: readonly Table[], callers: readonly string[]): readonly Way[] => [
  { areaCode: '', caller: null },
  ...Array.from(areaCodesOf(tables), (areaCode) => ({ areaCode, caller: null })),
  ...Array.from(areaCodesOf(tables), (areaCode) => ({ areaCode: '', caller: behind(areaCode) })),
  ...prefixesOf(tables).map((prefix) => ({ areaCode: '', caller: mobile(prefix) })),
  ...callers.map((caller) => ({ areaCode: '', caller })),
];

/**
 * All calls to a number that any of the tables may treat differently: every trunk, every area code (dialled, or the caller's),
 * every kind of mobile prefix, and calls without any of these. A trunk whose region is known to all tables decides the region
 * before the caller does, so it is tried with dialled area codes only (a table refuses one that it lacks); every other trunk
 * is tried with everything.
 *
 * @param callers further callers to try, for tables whose rules name some.
 */
export const sampleCalls = (
  tables: readonly Table[],
  callers: readonly string[] = [],
): ((number: string) => readonly CallFacts[]) => {
  const ways = waysOf(tables, callers);
  const dialledOnly = ways.filter(({ caller }) => caller === null);
  const trunks = new Set(tables.flatMap((table) => [...table.trunks.keys()]));
  const isTold = (trunk: string): boolean => tables.every((table) => table.trunks.get(trunk)?.region !== undefined);
  const combined = [null, ...trunks].flatMap((trunk) =>
    (trunk !== null && isTold(trunk) ? dialledOnly : ways).map((way) => ({ trunk, ...way })),
  );
  return (number) =>
    combined.map(({ trunk, areaCode, caller }) => ({ dialled: `${areaCode}${number}`, caller, trunk }));
};
