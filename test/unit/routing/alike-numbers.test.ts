/** Numbers treated alike are asked about once; what is told of them must be what asking each would have told. */
import { beforeEach, expect, test, vi } from 'vitest';
import type * as alike from '../../../src/routing/checks/alike-numbers.ts';
import { alikeAmong } from '../../../src/routing/checks/alike-numbers.ts';
import { diffInWords, diffTables } from '../../../src/routing/compare/diff.ts';
import type { Region, Table } from '../../../src/routing/table.ts';
import { madeTable } from '../../bench/made-table.ts';
import { liveTable, liveText, tableOf } from './tables.ts';

const mode = { isSharing: true };

vi.mock('../../../src/routing/checks/alike-numbers.ts', async (original) => {
  const actual = await original<typeof alike>();
  const none = () => () => undefined;
  const alikeAmong: typeof actual.alikeAmong = (tables) => (mode.isSharing ? actual.alikeAmong(tables) : none());
  return { ...actual, alikeAmong };
});

beforeEach(() => {
  mode.isSharing = true;
});

const at = new Date('2026-10-01T09:00:00+08:00');
const live = liveTable();
const withRegions = (change: (region: Region) => Region): Table => ({
  ...live,
  regions: new Map([...live.regions].map(([id, region]) => [id, change(region)])),
});

const changes: Readonly<Record<string, Table>> = {
  'every area code is gone': withRegions((region) => ({ ...region, areaCode: undefined })),
  'one queue takes all': tableOf(
    liveText
      .replaceAll('queue:12345-{region}', 'queue:12345-fuzhou')
      .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n'),
  ),
  'numbers are new': tableOf(madeTable(liveText, 20, 1)),
  'a trunk tells the region': tableOf(liveText.replace('exchange: {}', 'exchange: { region: pingtan }')),
};

for (const [what, after] of Object.entries(changes)) {
  test(`where ${what}, sharing tells what asking each number tells`, () => {
    const shared = [diffTables(live, after, at), diffTables(after, live, at)];
    mode.isSharing = false;
    const asked = [diffTables(live, after, at), diffTables(after, live, at)];
    expect(shared[0]?.moves.length).toBeGreaterThan(0);
    expect(shared).toEqual(asked);
    expect(shared.map((diff) => diffInWords(diff))).toEqual(asked.map((diff) => diffInWords(diff)));
  });
}

test('a number that may be read as another is asked by itself', () => {
  const entry = live.numbers.get('12301');
  if (entry === undefined) throw new Error('12301 should be there');
  const after: Table = { ...live, numbers: new Map([...live.numbers, ['8612301', { ...entry, number: '8612301' }]]) };
  const key = alikeAmong([live, after]);
  expect(key('12301')).toBe(key('12336'));
  expect(key('8612301')).toBeUndefined();
});
