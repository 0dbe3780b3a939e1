/** Every kind of test, one kind after another. */
import { defineConfig } from 'vitest/config';

/** They measure time or load: one file at a time, and nothing beside it. */
const measuring = [
  'test/unit/tables/any-table.test.ts',
  'test/contract/freeswitch.test.ts',
  'test/e2e/{feed,fleet,overlap,reload,wallboard-crowd}.test.ts',
  'test/e2e/freeswitch-{hostile,next,refused}.test.ts',
];

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: measuring,
          maxWorkers: 2, // unasked, a machine of two cores would use one
          testTimeout: 20_000, // properties are tried on a machine that does other things besides
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'parts',
          include: ['test/e2e/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: measuring,
          maxWorkers: 3, // each has a PBX or a service of its own, and mostly waits
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'pbx',
          include: measuring,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
