/** What must hold of the live table whatever somebody makes of the file, tried on many. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { ValidationThread } from '../../../src/tables/validate/thread.ts';
import { brokenTable } from '../routing/mutations.ts';
import { bench, byHand } from './rig.ts';

/** Ten thousand take some ten minutes: HOTLINE_BROKEN_TABLES=10000. */
const TABLES = Number(process.env.HOTLINE_BROKEN_TABLES ?? 300);

test(
  'no table that somebody broke replaces a good one, or keeps the next from being asked about',
  async () => {
    const table = await (await bench()).open({ mostNumbersMoved: 1, validator: new ValidationThread() });
    let [accepted, refused, slowestMs] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(brokenTable, async (text) => {
        const before = table.table;
        const begun = process.cpuUsage();
        const sources = { table: { file: 'routes.yaml', text } };
        const problem = await table.reload({ ...byHand, sources }).then(
          () => undefined,
          (error: { code: string; problems?: readonly { line: number; column: number }[] }) => error,
        );
        const { user, system } = process.cpuUsage(begun); // not by the clock: others use the machine too
        slowestMs = Math.max(slowestMs, (user + system) / 1_000);
        expect(slowestMs).toBeLessThan(1_000);
        const isGood = parseTable({ file: 'routes.yaml', text }).table !== undefined;
        if (problem === undefined) {
          accepted += 1;
          expect(isGood).toBe(true);
        } else {
          refused += 1;
          expect(problem.code).toBe('TABLE_REFUSED');
          expect(problem.problems?.every(({ line, column }) => line > 0 && column > 0)).toBe(true);
          expect(table.table).toBe(before);
        }
      }),
      { numRuns: TABLES },
    );
    process.stdout.write(
      `${TABLES} broken tables: ${accepted} accepted, ${refused} refused, the slowest ${Math.round(slowestMs)} ms of CPU\n`,
    );
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
  240_000 + TABLES * 300,
);
