/** Every kind of test. Those that place calls on a real PBX run one file at a time: they measure time. */
import { defineConfig } from 'vitest/config';

const onPbx = ['test/e2e/**/*.test.ts', 'test/contract/**/*.test.ts'];

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000, // properties are tried on a machine that does other things besides
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'pbx',
          include: onPbx,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
