/** `npm test`: the lab made ready, then every check a change passes, each with its time; one line of totals at the end. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { HotlineError } from '../src/base/errors.ts';
import { endWithReader } from '../src/cli/command.ts';
import { labHome, openPlace } from '../src/lab/pbx/open-place.ts';

const root = join(import.meta.dirname, '..');
endWithReader();
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const oneCheck = (good: boolean): Tally => ({ passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 });

const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** Runs a program of the project's own on this Node; true when it ends well. */
const run = (script: string, args: readonly string[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });

const makeLabReady = async (): Promise<Tally> => {
  try {
    await openPlace(labHome(), say);
    return oneCheck(true);
  } catch (error) {
    if (!(error instanceof HotlineError)) throw error;
    say(`error ${error.code}: ${error.message}`);
    return oneCheck(false);
  }
};

const counts = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
});

/** A file that could not even be loaded has no tests to count, and is a failure all the same. */
const tallyOf = (text: string, good: boolean): Tally => {
  const told = counts.parse(JSON.parse(text));
  const failed = told.numFailedTests > 0 ? told.numFailedTests : told.numFailedTestSuites;
  return {
    passed: told.numPassedTests,
    failed: good ? failed : Math.max(1, failed),
    skipped: told.numPendingTests + told.numTodoTests,
  };
};

const runTests = async (): Promise<Tally> => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-test-'));
  const report = join(folder, 'report.json');
  const flags = [
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  try {
    const good = await run('vitest/vitest.mjs', ['run', ...flags, ...process.argv.slice(2)]);
    return tallyOf(await readFile(report, 'utf8'), good);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const steps: readonly (readonly [name: string, work: () => Promise<Tally>])[] = [
  ['lab: packages of the private PBX', makeLabReady],
  ['types: tsc', async () => oneCheck(await run('typescript/bin/tsc', ['--noEmit']))],
  [
    'types of the page: tsc',
    async () => oneCheck(await run('typescript/bin/tsc', ['--noEmit', '-p', 'src/admin/page'])),
  ],
  [
    'lint and format: biome',
    async () => oneCheck(await run('@biomejs/biome/bin/biome', ['check', '--config-path=.biome.json', '.'])),
  ],
  [
    'directions of dependency',
    async () =>
      oneCheck(
        await run('dependency-cruiser/bin/dependency-cruise.mjs', ['--config', '.dependency-cruiser.mjs', 'src']),
      ),
  ],
  ['tests: unit, contract, end to end', runTests],
];

const timed = async (name: string, work: () => Promise<Tally>): Promise<Tally> => {
  say(`\n== ${name}`);
  const startedAt = performance.now();
  const tally = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`== ${name}: ${tally.failed === 0 ? 'good' : 'FAILED'} in ${seconds} s`);
  return tally;
};

const tallies: Tally[] = [];
for (const [name, work] of steps) tallies.push(await timed(name, work));
const { passed, failed, skipped } = sum(tallies);
say(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
