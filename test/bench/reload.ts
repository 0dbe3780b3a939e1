/**
 * What a reload costs the calls that go on meanwhile, as JSON: how long the event loop was held up while tables of
 * 10,000 rules, and one of 2,000 numbers whose regions change, are made live under load. Run it on an idle machine:
 * `npm run bench:reload`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { route } from '../../src/routing/plan.ts';
import { CanaryWatch } from '../../src/tables/fleet/canary.ts';
import { noFleet } from '../../src/tables/fleet/fleet.ts';
import { LiveTable } from '../../src/tables/live-table.ts';
import { realDisk } from '../../src/tables/store/disk.ts';
import { TableStore } from '../../src/tables/store/store.ts';
import { ValidationThread } from '../../src/tables/validate/thread.ts';
import { madeTable } from './made-table.ts';

const CALLS_PER_SECOND = 50;
const base = await readFile(join(import.meta.dirname, '../../config/routes.yaml'), 'utf8');
const withoutExpectations = (text: string): string => text.replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
const milliseconds = (nanoseconds: number): number => Math.round(nanoseconds / 1e4) / 100;

/** Calls at an even pace, routed by whatever is live; counts those that could not be. */
const placeCalls = (table: LiveTable, numbers: readonly string[]) => {
  const placed = { calls: 0, failed: 0 };
  const timer = setInterval(() => {
    const dialled = numbers[placed.calls % numbers.length] ?? '';
    placed.calls += 1;
    const call = { id: `c${placed.calls}`, dialled, caller: '05952001234', trunk: null };
    if (route(table.tableFor(call), call, new Date()).number === null) placed.failed += 1;
  }, 1000 / CALLS_PER_SECOND);
  return { placed, end: () => clearInterval(timer) };
};

const measure = async (what: string, before: string, after: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-bench-'));
  const file = join(folder, 'routes.yaml');
  await writeFile(file, before);
  const table = await LiveTable.open({
    file,
    store: new TableStore(realDisk, join(folder, 'var'), file),
    fleet: noFleet,
    validator: new ValidationThread(),
    watch: new CanaryWatch({ leastCalls: 50, margin: 0.05 }),
    mostNumbersMoved: 1,
    movedCalls: async () => ({ moved: 0, total: 0 }),
    mostCallsMoved: 1,
    missingAudio: async () => [],
    name: 'bench',
    now: Date.now,
    log: silent,
  });
  await writeFile(file, after);
  const { placed, end } = placeCalls(table, [...table.table.numbers.keys()].slice(0, 1000));
  await pause(1_000);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const begun = performance.now();
  const { outcome, summary } = await table.reload({ who: 'bench', from: 'http', yes: true });
  const seconds = Math.round(performance.now() - begun) / 1000;
  delay.disable();
  end();
  await table.stop();
  await rm(folder, { recursive: true, force: true });
  const [p50Ms, p99Ms, longestMs] = [delay.percentile(50), delay.percentile(99), delay.max].map(milliseconds);
  return {
    what,
    bytes: after.length,
    outcome,
    summary: summary.slice(0, 80),
    seconds,
    p50Ms,
    p99Ms,
    longestMs,
    ...placed,
  };
};

const rules = madeTable(base, 400, 25);
const numbers = withoutExpectations(madeTable(base, 2_000, 1));
console.log(
  JSON.stringify(
    [
      await measure('a comment in 10,000 rules', rules, `${rules}# changed\n`),
      await measure(
        'seats of 10,000 rules',
        withoutExpectations(rules),
        withoutExpectations(rules).replaceAll('- seats:12348', '- seats:12328'),
      ),
      await measure(
        '2,000 numbers to one queue',
        numbers,
        numbers.replaceAll('connect: queue:12345-{region}\n', 'connect: queue:12345-fuzhou\n'),
      ),
      await measure('regions of 2,000 numbers', numbers, numbers.replace(/areaCode: "0592"/, 'areaCode: "0590"')),
    ],
    null,
    2,
  ),
);
