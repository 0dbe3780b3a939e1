/** What must hold of the live table whatever somebody makes of the file, tried on many. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { brokenTable } from '../routing/mutations.ts';
import { bench, byHand } from './rig.ts';

test('no table that somebody broke replaces a good one, or keeps the next from being asked about', async () => {
  const table = await (await bench()).open({ mostNumbersMoved: 1 });
  let [accepted, refused] = [0, 0];
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
      expect((user + system) / 1_000).toBeLessThan(1_000);
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
    { numRuns: 300 },
  );
  expect(accepted).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
}, 240_000);
