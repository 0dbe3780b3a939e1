import { describe, expect, test } from 'vitest';
import { sampleCalls, sampleCallsFrom } from '../../../src/routing/compare/sample-calls.ts';
import { route } from '../../../src/routing/plan.ts';
import type { CallFacts } from '../../../src/routing/routing.ts';
import type { Table } from '../../../src/routing/table.ts';
import { liveTable } from './tables.ts';

const table = liveTable();
const at = new Date('2026-10-01T09:00:00+08:00');
const withPrefixes = (prefixes: Readonly<Record<string, string>>): Table => ({
  ...table,
  mobilePrefixes: new Map(Object.entries(prefixes)),
});
const answer = (of: Table, facts: CallFacts): string => {
  const routing = route(of, facts, at);
  return routing.number === null ? 'refused' : `${routing.region.id} ${routing.region.from}`;
};

test('some sample call to every number belongs to every region', () => {
  for (const number of table.numbers.keys()) {
    for (const region of table.regions.values()) {
      const regions = sampleCallsFrom(table, region, number).map((facts) => answer(table, facts).split(' ')[0]);
      expect(regions, `${number} in ${region.id}`).toContain(region.id);
    }
  }
});

test('the strongest sign of a region stands first', () => {
  const region = table.regions.get('pingtan');
  if (region === undefined) throw new Error('no pingtan');
  expect(sampleCallsFrom(table, region, '12301')[0]).toEqual({ dialled: '12301', caller: null, trunk: 'pingtan' });
});

describe('calls that may tell two tables apart', () => {
  const one = withPrefixes({ '1380592': 'xiamen', '1380593': 'xiamen', '1380594': 'ningde' });
  const other = withPrefixes({ '1380592': 'xiamen', '1380593': 'ningde', '1380594': 'ningde' });
  const calls = sampleCalls([one, other], ['13900000000'])('12301');

  test('are of every region, by everything that can tell it', () => {
    const told = new Set(calls.map((facts) => answer(one, facts)));
    for (const { id, areaCode } of one.regions.values()) {
      if (areaCode !== undefined) {
        expect(told).toContain(`${id} dialled-area-code`);
        expect(told).toContain(`${id} caller-area-code`);
      }
    }
    expect(told).toContain('xiamen caller-mobile-prefix');
    expect(told).toContain('pingtan trunk');
    expect(told).toContain('province default');
  });

  test('have one mobile prefix for all that both tables see alike', () => {
    const prefixes = new Set(calls.flatMap(({ caller }) => (caller?.startsWith('138') ? [caller.slice(0, 7)] : [])));
    expect([...prefixes]).toEqual(['1380592', '1380593', '1380594']);
    const again = sampleCalls([one, one])('12301');
    expect(new Set(again.flatMap(({ caller }) => (caller?.startsWith('138') ? [caller] : []))).size).toBe(2);
  });

  test('come over every trunk: with area codes where the trunk tells the region, with everything where it does not', () => {
    const over = (trunk: string | null) => calls.filter((facts) => facts.trunk === trunk).length;
    expect(over('pingtan')).toBe(1 + 9);
    expect(over('exchange')).toBe(over(null));
  });

  test('include the callers that are given', () => {
    expect(calls).toContainEqual({ dialled: '12301', caller: '13900000000', trunk: null });
  });
});
