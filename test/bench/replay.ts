/**
 * How long a million records take through a candidate table: `npm run bench:replay -- [records]`. Prints one JSON object;
 * the records are made in a temporary folder first, which does not count.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { replayFiles } from '../../src/cli/replay.ts';
import type { Table } from '../../src/routing/table.ts';
import { loadTable } from '../../src/tables/source/sources.ts';
import { manyCalls } from './record-maker.ts';

const RECORDS_PER_CALL = 6;
const CALLS_PER_WRITE = 1000;

function* textOf(table: Table, records: number): Generator<string> {
  let text = '';
  let calls = 0;
  for (const ofCall of manyCalls(table, Math.ceil(records / RECORDS_PER_CALL))) {
    for (const record of ofCall) text += `${JSON.stringify(record)}\n`;
    if (++calls % CALLS_PER_WRITE > 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** The table that ships, with the seats of 12333 in Xiamen gone. */
const candidateOf = (table: Table): Table => {
  const number = table.numbers.get('12333');
  if (number === undefined) throw new Error('the table has no 12333');
  const rules = number.rules.map((rule) => ({ ...rule, connect: rule.connect.slice(-1) }));
  return { ...table, numbers: new Map(table.numbers).set('12333', { ...number, rules }) };
};

const records = Number(process.argv[2] ?? 1_000_000);
if (!Number.isSafeInteger(records) || records < 1) throw new Error('how many records? A whole number from 1 on');
const { table } = await loadTable(join(import.meta.dirname, '../../config/routes.yaml'));
if (table === undefined) throw new Error('the table is not good: npx hotline check');
const folder = await mkdtemp(join(tmpdir(), 'hotline-replay-'));
try {
  const file = join(folder, 'records.ndjson');
  await pipeline(Readable.from(textOf(table, records)), createWriteStream(file));
  const started = performance.now();
  const { read, result } = await replayFiles([file], candidateOf(table));
  const seconds = (performance.now() - started) / 1000;
  const figures = {
    records: read.records,
    bytes: (await stat(file)).size,
    seconds: Number(seconds.toFixed(2)),
    recordsPerSecond: Math.round(read.records / seconds),
    calls: result.calls,
    changed: result.changed,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
