/** What an engineer reads of a change before it takes a call, and that nothing is left out of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffTables } from '../../../src/routing/compare/diff.ts';
import { formatDiff } from '../../../src/routing/compare/format-diff.ts';
import { DECIDES, type DecidesFor } from '../../../src/routing/compare/moves.ts';
import { type Answer, answerOf } from '../../../src/routing/compare/plan-change.ts';
import { decide } from '../../../src/routing/plan.ts';
import type { CallFacts } from '../../../src/routing/routing.ts';
import type { HotlineNumber, Table, Target } from '../../../src/routing/table.ts';
import { liveTable, liveText, tableOf } from './tables.ts';

const at = new Date('2026-10-01T09:00:00+08:00');
const live = liveTable();

/** The live table with text changed; a replacement that hits nothing would test nothing. */
const changed = (...replacements: readonly (readonly [string | RegExp, string])[]): string =>
  replacements.reduce((text, [from, to]) => {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`nothing to replace: ${from}`);
    return next;
  }, liveText);

const lines = (text: string, csv?: string) => formatDiff(diffTables(live, tableOf(text, csv), at));
const entryOf = (number: string) => new RegExp(`(  "${number}":\\n    unit: .*\\n    mode: .*\\n)`);
const connectOf = (number: string) =>
  new RegExp(`(  "${number}":\\n    unit: .*\\n    mode: .*\\n    prompt: .*\\n    connect: )queue:12345-{region}`);

describe('a change by hand', () => {
  test('of nothing moves nothing', () => {
    expect(lines(liveText)).toEqual(['nothing moves', '32 numbers unchanged']);
    expect(lines(`${liveText}# a note\n`)).toEqual(['nothing moves', '32 numbers unchanged']);
  });

  test('that takes the seats of one city away is one line', () => {
    const text = changed(['          - seats:12333-xiamen\n', '']);
    expect(lines(text)).toEqual(['12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen', '31 numbers unchanged']);
  });

  test('that gives a number seats is told with what follows them', () => {
    const text = changed([connectOf('12369'), '$1[seats:12348, "queue:12345-{region}"]']);
    expect(lines(text)).toEqual([
      '12369 everywhere: queue:12345-{region} → seats:12348, then queue:12345-{region}',
      '31 numbers unchanged',
    ]);
  });

  test('that puts other seats before the same queue tells the queue once', () => {
    const text = changed(['      - seats:12348\n', '      - seats:12328\n']);
    expect(lines(text)).toEqual([
      '12348 everywhere: seats:12348 → seats:12328, then queue:12345-{region} as before',
      '31 numbers unchanged',
    ]);
  });

  test('that sends all cities to one folds them, and says which stays', () => {
    const text = changed([connectOf('12301'), '$1queue:12345-fuzhou']);
    expect(lines(text)).toEqual([
      '12301 in 10 regions: queue:12345-{region} → queue:12345-fuzhou (all but fuzhou)',
      '31 numbers unchanged',
    ]);
  });

  test('of a skill is told', () => {
    const text = changed(['          - { to: "queue:12345-{region}", skill: "12329" }\n', '']);
    expect(lines(text)).toEqual([
      '12329 in 10 regions: queue:12345-{region} (skill 12329) → queue:12345-{region} (all but province)',
      '31 numbers unchanged',
    ]);
  });

  test('of a limit is told without the places that keep theirs', () => {
    const text = changed([
      /("12348":\n.*\n.*\n.*\n {4}connect:\n {6}- )seats:12348/,
      '$1{ to: seats:12348, seconds: 7 }',
    ]);
    expect(lines(text)).toEqual(['12348 everywhere: seats:12348 ring 20 s → ring 7 s', '31 numbers unchanged']);
  });

  test('of a limit that many numbers share is one line for all of them', () => {
    const text = changed(['label: 福建省12345', 'label: 福建省12345\n    waitSeconds: 60']);
    const [first, ...others] = lines(text);
    expect(first).toMatch(
      /^30 numbers in province: queue:12345-province wait 120 s → wait 60 s \[12300 12301 .* 96119\]$/,
    );
    expect(others).toEqual(['also changed: queue:12345-province: waitSeconds 120 → 60', '2 numbers unchanged']);
  });

  test('of who is recorded is told, and moves nobody', () => {
    const text = changed(['label: 福建省12345', 'label: 福建省12345\n    record: true']);
    expect(lines(text)).toEqual([
      'nothing moves',
      'also changed: queue:12345-province: record false → true',
      '32 numbers unchanged',
    ]);
  });

  test('of what is heard is told', () => {
    expect(lines(changed([new RegExp(`${entryOf('12301').source}    prompt: merged\n`), '$1']))).toEqual([
      '12301 everywhere: prompt merged → none',
      '31 numbers unchanged',
    ]);
    const [first, last] = lines(changed(['apology: busy', 'apology: merged']));
    expect(first).toMatch(/^32 numbers everywhere: apology busy → merged \[12300 12301 .* 96119\]$/);
    expect(last).toBe('0 numbers unchanged');
  });

  test('of the guard against ping-pong is told key by key', () => {
    const text = changed([
      '\ntransfers:\n',
      '\nhandOvers: { most: 3, supervisors: queue:12345-province }\n\ntransfers:\n',
    ]);
    expect(lines(text)).toEqual([
      'nothing moves',
      'also changed: hand-overs: most 5 → 3',
      'also changed: hand-overs: supervisors none → queue:12345-province',
      '32 numbers unchanged',
    ]);
  });

  test('that takes a number out and puts one in says who is refused', () => {
    expect(lines(changed([/"12312":/, '"12399":'], ['to: "12312"', 'to: "12399"']))).toEqual([
      '12312 everywhere: queue:12345-{region} → refused',
      '12399 everywhere: refused → queue:12345-{region}',
      'also changed: number 12312 is gone',
      'also changed: number 12399 is new',
      'also changed: expectations: 1 gone, 1 new',
      '31 numbers unchanged',
    ]);
  });

  test('of a trunk says over which the calls come', () => {
    const text = changed(['exchange: {}', 'exchange: { region: xiamen }']);
    expect(lines(text)).toContain(
      '12333 in province on trunk exchange: queue:12345-fuzhou → seats:12333-xiamen, then queue:12345-xiamen; region province → xiamen',
    );
    expect(lines(text)[0]).toMatch(
      /^20 numbers in 9 regions on trunk exchange: queue:12345-{region} → queue:12345-xiamen; region {region} → xiamen \(all but xiamen, pingtan\) \[12300 /,
    );
  });

  test('of an area code says which callers are refused, and whom nothing places any more', () => {
    const found = lines(changed(['name: 南平, areaCode: "0599"', 'name: 南平']));
    expect(found).toContain(
      '12305 in nanping known by the area code dialled: seats:12305, then queue:12345-nanping → refused',
    );
    expect(found).toContain(
      "12333 in nanping known by the caller's area code: queue:12345-nanping → queue:12345-fuzhou; region nanping → province",
    );
    expect(found).toContain('also changed: region nanping: areaCode 0599 → none');
  });

  test('of mobile prefixes names one of them', () => {
    const found = lines(changed(['# mobilePrefixes: m', 'mobilePrefixes: m']), '1380592,xiamen\n');
    expect(found).toContain(
      "12333 in province known by the caller's mobile prefix (1380592 …): queue:12345-fuzhou → seats:12333-xiamen, then queue:12345-xiamen; region province → xiamen",
    );
    expect(found).toContain('also changed: mobile prefixes: 1 differ, none → 1 prefixes');
  });

  test('that no caller meets is told quietly', () => {
    const text = changed(
      ['members: [12345-fuzhou-1, 12345-fuzhou-2]', 'members: [12345-fuzhou-1]'],
      ['unit: 省人社厅', 'unit: 省人力资源和社会保障厅'],
      ['{number}热线', '{number}专线'],
      ['text: 很抱歉，暂时', 'text: 抱歉，暂时'],
      ['endpoints: [12350-duty-1]', 'endpoints: [12350-duty-2]'],
      ['label: 厦门12345', 'label: 厦门市12345'],
      ['expect: { region: fuzhou, prompt: merged,', 'expect: { region: fuzhou,'],
    );
    expect(lines(text)).toEqual([
      'nothing moves',
      'also changed: prompt busy: text 很抱歉，暂时没有座席能够接听，请您稍后再拨幺二三四五。 → 抱歉，暂时没有座席能够接听，请您稍后再拨幺二三四五。',
      'also changed: queue:12345-fuzhou: members 12345-fuzhou-1, 12345-fuzhou-2 → 12345-fuzhou-1',
      'also changed: queue:12345-xiamen: label 厦门12345 → 厦门市12345',
      'also changed: seats:12350-duty: endpoints 12350-duty-1 → 12350-duty-2',
      'also changed: number 12333: unit 省人社厅 → 省人力资源和社会保障厅',
      'also changed: whisper: 32 pieces, e.g. 幺二三零零热线 → 幺二三零零专线',
      'also changed: expectations: 1 gone, 1 new',
      '32 numbers unchanged',
    ]);
  });

  test('is data as well', () => {
    const diff = diffTables(live, tableOf(changed(['          - seats:12333-xiamen\n', ''])), at);
    expect(diff).toMatchObject({ numbersMoved: ['12333'], numbersAdded: [], regionsRemoved: [], changes: [] });
    expect(diff.numbersUnchanged).toHaveLength(31);
    expect(diff.moves).toHaveLength(1);
    expect(diff.moves[0]).toMatchObject({
      number: '12333',
      region: 'xiamen',
      regionAfter: 'xiamen',
      which: '',
      always: true,
      kinds: ['destination'],
      before: 'merged, seats:12333-xiamen, queue:12345-xiamen, busy',
      after: 'merged, queue:12345-xiamen, busy',
    });
    expect(diff.moves[0]?.from.map(({ regionFrom }) => regionFrom)).toContain('caller-area-code');
    expect(JSON.parse(JSON.stringify(diff))).toEqual(diff);
  });
});

const targets: readonly Target[] = [
  ...[...live.queues.keys(), ...live.seats.keys(), 'queue:12345-{region}'].map((to) => ({
    to,
    skill: undefined,
    seconds: undefined,
  })),
  { to: 'queue:12345-{region}', skill: '12329', seconds: undefined },
  { to: 'queue:12345-{region}', skill: undefined, seconds: 33 },
];
const target = fc.constantFrom(...targets);
/** One of each kind; whatever changes for all numbers changes for these. */
const someNumbers = ['12301', '12305', '12329', '12333', '12348', '12360', '12366', '12393'];
const anyNumber = fc.constantFrom(...someNumbers);
const anyRegion = fc.constantFrom(...live.regions.keys());

/** A rule that asks nothing. */
const EVERY_CALL = {
  regions: undefined,
  trunks: undefined,
  hours: undefined,
  callers: undefined,
  from: undefined,
  until: undefined,
} as const;

const withNumber = (table: Table, number: string, change: Partial<HotlineNumber>): Table => {
  const entry = table.numbers.get(number);
  return entry ? { ...table, numbers: new Map(table.numbers).set(number, { ...entry, ...change }) } : table;
};

/** One change, of any kind that routing may notice or not. */
const edit: fc.Arbitrary<(table: Table) => Table> = fc.oneof(
  fc.tuple(anyNumber, fc.array(target, { minLength: 1, maxLength: 2 })).map(
    ([number, connect]) =>
      (table: Table) =>
        withNumber(table, number, { rules: [{ ...EVERY_CALL, connect }] }),
  ),
  fc.tuple(anyNumber, anyRegion, target).map(([number, region, to]) => (table: Table) => {
    const rules = table.numbers.get(number)?.rules ?? [];
    return withNumber(table, number, { rules: [{ ...EVERY_CALL, regions: [region], connect: [to] }, ...rules] });
  }),
  fc.tuple(anyNumber, fc.constantFrom(7, 33)).map(([number, seconds]) => (table: Table) => {
    const timed = (table.numbers.get(number)?.rules ?? []).map((rule) => ({
      ...rule,
      connect: rule.connect.map((each) => ({ ...each, seconds })),
    }));
    return withNumber(table, number, { rules: timed });
  }),
  fc.tuple(anyNumber, fc.constantFrom(undefined, 'busy', 'merged')).map(
    ([number, prompt]) =>
      (table: Table) =>
        withNumber(table, number, { prompt }),
  ),
  anyNumber.map((number) => (table: Table) => {
    const numbers = new Map(table.numbers);
    numbers.delete(number);
    return { ...table, numbers };
  }),
  fc
    .tuple(fc.constantFrom('exchange', 'pingtan', 'new'), fc.option(anyRegion, { nil: undefined }))
    .map(([id, region]) => (table: Table) => ({ ...table, trunks: new Map(table.trunks).set(id, { id, region }) })),
  fc.tuple(fc.constantFrom('1380592', '1380593'), anyRegion).map(([prefix, region]) => (table: Table) => ({
    ...table,
    mobilePrefixes: new Map(table.mobilePrefixes).set(prefix, region),
  })),
  fc.tuple(anyRegion, fc.constantFrom(undefined, '0592', '0599', '0590')).map(([id, areaCode]) => (table: Table) => {
    const region = table.regions.get(id);
    return region ? { ...table, regions: new Map(table.regions).set(id, { ...region, areaCode }) } : table;
  }),
  fc.constantFrom('busy', 'merged').map((apology) => (table: Table) => ({ ...table, apology })),
  fc.constant((table: Table) => ({ ...table, revision: 'another' })),
);
type Edits = readonly ((table: Table) => Table)[];
const edits = fc.array(edit, { maxLength: 3 });
const edited = (all: Edits): Table => all.reduce((table, apply) => apply(table), live);

/** Calls thought of without looking at `evidence.ts`. */
const everyCall: readonly CallFacts[] = someNumbers.flatMap((number) =>
  ['', '0590', '0591', '0592', '+86592', '0593', '0594', '0595', '0596', '0597', '0598', '0599'].flatMap((code) =>
    ['', '13805921234', '+8613805931234', '05922001234', '059920012345', '05902001234'].flatMap((caller) =>
      [null, 'exchange', 'pingtan', 'new', 'unknown'].map((trunk) => ({ dialled: `${code}${number}`, caller, trunk })),
    ),
  ),
);

const outcomeOf = ({ number, region, plan }: Answer): string => JSON.stringify([number, region, plan]);
const outcome = (table: Table, facts: CallFacts): string => outcomeOf(answerOf(decide(table, facts, at)));

describe('any two tables', () => {
  test('of which one is the other: nothing moves, nothing else changed', () => {
    fc.assert(
      fc.property(edits, (all) => {
        const table = edited(all);
        const { moves, changes } = diffTables(table, table, at);
        expect({ moves, changes }).toEqual({ moves: [], changes: [] });
      }),
      { numRuns: 20 },
    );
  });

  test('have moves exactly when some call goes elsewhere, and each move shows one that does', () => {
    fc.assert(
      fc.property(edits, edits, (...both) => {
        const [one, other] = [edited(both[0]), edited(both[1])];
        const diff = diffTables(one, other, at);
        const differs = everyCall.filter((facts) => outcome(one, facts) !== outcome(other, facts));
        const told = new Set(
          diff.moves.map(({ answers: { before, after } }) => `${outcomeOf(before)} → ${outcomeOf(after)}`),
        );
        const untold = differs.filter((facts) => !told.has(`${outcome(one, facts)} → ${outcome(other, facts)}`));
        const examples = diff.moves.flatMap(({ from }) => from.map(({ example }) => example));
        expect(untold).toEqual([]);
        expect(examples.filter((facts) => outcome(one, facts) === outcome(other, facts))).toEqual([]);
        expect(diff.numbersMoved.length === 0).toBe(differs.length === 0);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  test('are told in lines, of which every number that moves has one', () => {
    fc.assert(
      fc.property(edits, edits, (...both) => {
        const [one, other] = [edited(both[0]), edited(both[1])];
        const diff = diffTables(one, other, at);
        const told = formatDiff(diff).join('\n');
        for (const number of diff.numbersMoved) expect(told).toContain(number);
        expect(told.startsWith('nothing moves')).toBe(diff.moves.length === 0);
        expect(told).not.toMatch(/: ( \(|$)|undefined|\[object/m);
      }),
      { numRuns: 30 },
    );
  });
});

test('a key that is added to the table has to say for which numbers it decides, or it does not compile', () => {
  interface LaterTable extends Table {
    readonly later: string;
  }
  // @ts-expect-error `later` is not among the keys
  const later: Readonly<Record<keyof LaterTable, DecidesFor>> = DECIDES;
  expect(Object.keys(later).toSorted()).toEqual(Object.keys(liveTable()).toSorted());
});
