/**
 * Calls that tell a table's regions apart: what a trunk, an area code or a caller has to be for a call to belong to a
 * region. Only candidates: `route` says what each means. The fallback dialplan and the diff of two tables ask by these.
 */
import type { CallFacts } from '../routing.ts';
import type { Region, Table } from '../table.ts';

/** Local numbers that nobody has to have: numbering looks at what stands before them. */
const LOCAL_NUMBER = '20000000';
const AFTER_MOBILE_PREFIX = '0000';

const nothingTold = { caller: null, trunk: null } as const;
const behind = (areaCode: string): string => `${areaCode}${LOCAL_NUMBER}`;
const mobile = (prefix: string): string => `${prefix}${AFTER_MOBILE_PREFIX}`;

/** Facts that may place a call to a number in one region, the strongest first. */
export const evidenceOf = (table: Table, { id, areaCode }: Region, number: string): readonly CallFacts[] => {
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

/** Prefixes, one for each way in which the tables see a prefix: whole lists of a carrier's come down to some dozens. */
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
 * All calls to a number that one of several tables may treat in a way of its own: every trunk, every area code dialled or
 * the caller's, every kind of mobile prefix, and calls that tell nothing. Where a trunk's region is known to all
 * tables, nobody looks at the caller: that trunk is tried with area codes only (one that a table lacks is refused), any
 * other with everything.
 *
 * @param callers further callers to try, for tables whose rules name some.
 */
export const evidenceAmong = (
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
