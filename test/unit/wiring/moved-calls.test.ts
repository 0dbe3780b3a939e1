/** Yesterday's calls by two tables, as the guard of reloads is told of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import type { Table } from '../../../src/routing/table.ts';
import { movedCallsOf } from '../../../src/wiring/change-guards.ts';
import { recordsOf } from '../../bench/record-maker.ts';
import { quiet } from '../tables/rig.ts';
import { liveText, movedText } from '../tables/texts.ts';

const NOW = Date.parse('2026-11-24T02:00:00Z');
const tableOf = (text: string) => parseTable({ file: 'routes.yaml', text }).table as Table;
const [before, after] = [tableOf(liveText), tableOf(movedText())];

let file: string;
let log: string[];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-moved-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  file = join(folder, 'records.ndjson');
  log = [];
});

const moved = (to = after) => movedCallsOf(file, () => NOW, quiet(log))(before, to);

const record = async (calls: readonly { dialled: string; hoursAgo: number }[]) => {
  const lines = calls.flatMap(({ dialled, hoursAgo }, n) =>
    recordsOf(before, { dialled, caller: null, trunk: null }, `pbx1-${n}`, new Date(NOW - hoursAgo * 3_600_000)),
  );
  await writeFile(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
};

test('those to the number that moves are counted, of all that were to a number', async () => {
  await record([
    { dialled: '059212301', hoursAgo: 30 },
    { dialled: '059212301', hoursAgo: 20 },
    { dialled: '059212333', hoursAgo: 3 },
    { dialled: '059112301', hoursAgo: 2 },
    { dialled: '99999', hoursAgo: 1 },
  ]);
  expect(await moved()).toEqual({ moved: 2, total: 3 });
});

test('a call that only hears something else has not moved', async () => {
  await record([{ dialled: '059212301', hoursAgo: 20 }]);
  expect(await moved({ ...before, apology: 'merged' })).toEqual({ moved: 0, total: 1 });
});

test('no file yet: no calls, and nothing to tell', async () => {
  expect(await moved()).toEqual({ moved: 0, total: 0 });
  expect(log).toEqual([]);
});

test('a file that cannot be read: no calls, and the log says so', async () => {
  await record([{ dialled: '059212301', hoursAgo: 20 }]);
  file = join(file, 'inside-a-file');
  expect(await moved()).toEqual({ moved: 0, total: 0 });
  expect(log.join()).toContain('could not be read');
});
