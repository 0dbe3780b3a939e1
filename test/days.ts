/** `npm run test:days`: the unit suite on other days than today, under a clock that `faketime` (Debian) holds. */
import { spawnSync } from 'node:child_process';

/** Days on which dates go wrong: ends of years, months and weeks, leap days, holidays, and what 32 bits cannot hold. */
const DAYS = [
  '2026-12-31 23:58:00',
  '2027-01-01 00:30:00',
  '2027-02-05 23:50:00', // eve of the Spring Festival
  '2027-02-28 12:00:00',
  '2027-04-30 16:00:00', // Chinese midnight, in UTC
  '2027-10-01 03:00:00',
  '2027-12-31 15:59:30',
  '2028-01-26 09:00:00', // Spring Festival
  '2028-02-29 12:00:00',
  '2028-03-01 00:00:10',
  '2028-09-30 23:59:00',
  '2038-01-19 03:14:00',
];

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : DAYS).filter((day) => {
  process.stdout.write(`\n== on ${day} UTC\n`);
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const env = { ...process.env, TZ: 'UTC', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const options = { env, stdio: 'inherit' } as const;
  return spawnSync('faketime', ['-f', `@${day}`, ...vitest, '--project', 'unit'], options).status !== 0;
});
process.stdout.write(failed.length === 0 ? '\nevery day is good\n' : `\nbad days: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
