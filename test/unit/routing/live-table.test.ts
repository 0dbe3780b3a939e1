/** The table that ships, held against the facts of the merger list as they were agreed, number by number. */
import { describe, expect, test } from 'vitest';
import { runExpectations } from '../../../src/routing/checks/expectations.ts';
import { readDialled } from '../../../src/routing/numbering.ts';
import { parseTable } from '../../../src/routing/parse.ts';
import { route } from '../../../src/routing/plan.ts';
import type { Routed } from '../../../src/routing/routing.ts';
import type { Mode } from '../../../src/routing/table.ts';
import { liveTable, liveText } from './tables.ts';

const table = liveTable();
const areaCodes: Readonly<Record<string, string>> = {
  fuzhou: '0591',
  xiamen: '0592',
  ningde: '0593',
  putian: '0594',
  quanzhou: '0595',
  zhangzhou: '0596',
  longyan: '0597',
  sanming: '0598',
  nanping: '0599',
};
const regions = [...Object.keys(areaCodes), 'pingtan', 'province'];

const call = (number: string, region: string): Routed => {
  const facts = {
    dialled: `${areaCodes[region] ?? ''}${number}`,
    caller: null,
    trunk: region === 'pingtan' ? 'pingtan' : null,
  };
  const routing = route(table, facts, new Date(0));
  if (routing.number === null) throw new Error(`${number} is refused`);
  return routing;
};

const chainOf = ({ plan }: Routed): string[] =>
  plan.flatMap((step) =>
    step.do === 'connect' ? [step.skill === undefined ? step.to : `${step.to} ${step.skill}`] : [],
  );

/** Where each number goes, by region. */
const seatsFirst = (name: string) => (region: string) => [`seats:${name}`, `queue:12345-${region}`];
const queueOnly = (region: string) => [`queue:12345-${region}`];
const southern = ['xiamen', 'quanzhou', 'zhangzhou', 'longyan'];
const special: Readonly<Record<string, (region: string) => string[]>> = {
  12333: (region) =>
    region === 'xiamen'
      ? ['seats:12333-xiamen', 'queue:12345-xiamen']
      : queueOnly(region === 'province' ? 'fuzhou' : region),
  12393: (region) => queueOnly(region === 'province' ? 'fuzhou' : region),
  12329: (region) =>
    region === 'province'
      ? ['seats:12329-province', 'queue:12345-province']
      : [`queue:12345-${region} 12329`, `queue:12345-${region}`],
  12360: (region) => seatsFirst(`12360-${southern.includes(region) ? 'xiamen' : 'fuzhou'}-customs`)(region),
  12366: (region) => seatsFirst(region === 'xiamen' ? '12366-xiamen' : '12366-fujian')(region),
};
for (const number of ['12348', '12328', '12320', '12315', '12313', '12367', '12305'])
  Object.assign(special, { [number]: seatsFirst(number) });

const byMode: Readonly<Record<Mode, readonly string[]>> = {
  merged:
    '12396 12300 12349 12336 12312 12301 12356 96119 12330 12331 12358 12365 12322 12333 12319 12318 12350 12393'.split(
      ' ',
    ),
  parallel: '12348 12369 12329 12328 12316 12320 12315 12317 12385'.split(' '),
  subcentre: '12360 12366 12313 12367 12305'.split(' '),
};

test('the table holds the 32 numbers of the list and no other', () => {
  expect([...table.numbers.keys()].sort()).toEqual(Object.values(byMode).flat().sort());
  expect(table.numbers.size).toBe(32);
});

for (const [mode, numbers] of Object.entries(byMode)) {
  for (const number of numbers) {
    describe(`a caller who dials ${number}`, () => {
      for (const region of regions) {
        test(`in ${region} reaches whom the list says`, () => {
          const routed = call(number, region);
          expect(routed.mode).toBe(mode);
          expect(routed.region.id).toBe(region);
          expect(chainOf(routed)).toEqual((special[number] ?? queueOnly)(region));
        });
      }
      test(mode === 'subcentre' ? 'hears no merger prompt' : 'hears the merger prompt, then is connected', () => {
        const kinds = call(number, 'quanzhou').plan.map((step) => (step.do === 'play' ? step.prompt : step.do));
        const connects = chainOf(call(number, 'quanzhou')).map(() => 'connect');
        const prompt = mode === 'subcentre' ? [] : ['merged'];
        expect(kinds).toEqual(['answer', ...prompt, ...connects, 'busy', 'hangup']);
      });
    });
  }
}

test('the table has neither an error nor a warning', () => {
  expect(parseTable({ file: 'config/routes.yaml', text: liveText }).problems).toEqual([]);
});

test('its own expectations hold, and every number and every rule has one', () => {
  expect(runExpectations(table, 'config/routes.yaml', new Date(0))).toEqual([]);
  const tried = new Set(
    table.expectations.map(({ call: { to, from, trunk } }) => {
      const routing = route(table, { dialled: to, caller: from ?? null, trunk: trunk ?? null }, new Date(0));
      return `${readDialled(to, table)?.number} rule ${routing.number === null ? 0 : routing.considered.length}`;
    }),
  );
  const rules = [...table.numbers.values()].flatMap(({ number, rules: all }) =>
    all.map((_, index) => `${number} rule ${index + 1}`),
  );
  expect(rules.filter((rule) => !tried.has(rule))).toEqual([]);
});

test('the duty phone of 12350 is there for transfers and in no plan', () => {
  expect(table.seats.get('seats:12350-duty')?.transferOnly).toBe(true);
  for (const region of regions) expect(chainOf(call('12350', region))).not.toContain('seats:12350-duty');
});

test('the whisper to an agent is spoken as telephones are: 幺二三三三热线, 厦门来电', () => {
  expect(table.prompts.get('whisper-number-12333')?.text).toBe('幺二三三三热线');
  expect(table.prompts.get('whisper-region-xiamen')?.text).toBe('厦门来电');
  for (const number of table.numbers.keys()) expect(table.prompts.has(`whisper-number-${number}`)).toBe(true);
  for (const region of regions) expect(table.prompts.has(`whisper-region-${region}`)).toBe(true);
});
