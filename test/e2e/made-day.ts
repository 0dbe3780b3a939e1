/** A made-up day of calls for a board to look back on: the same each time but for when it is. */
import type { CallRecord } from '../../src/records/record.ts';
import type { Table } from '../../src/routing/table.ts';
import { type MadeCall, wholeCall } from '../unit/admin/calls.ts';

const HOUR_MS = 3_600_000;
const PROMPT_MS = 5_400;

/** Numbers from 0 to 1, the same each time. */
export const dice = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};

/** Mostly the first ones. */
const pick = <T>(list: readonly T[], roll: number): T => list[Math.floor(roll * roll * list.length)] as T;

export const madeCallOf = (table: Table, id: string, at: number, roll: () => number): MadeCall => {
  const region = pick([...table.regions.keys()], roll());
  const number = pick(
    ['12333', '12315', '12329', '12345', ...table.numbers.keys()].filter((each) => table.numbers.has(each)),
    roll(),
  );
  const caller = `0591${String(Math.floor(roll() * 90_000_000) + 10_000_000)}`;
  const agent = `12345-${region}-${1 + Math.floor(roll() * 2)}`;
  return { id, at, number, region, caller, agent, to: `queue:12345-${region}`, revision: table.revision };
};

/** Records of so many calls that ended in the last six hours. @param now Unix milliseconds. */
export function madeDay(table: Table, now: number, calls: number): readonly CallRecord[] {
  const roll = dice(12_345);
  const stories = Array.from({ length: calls }, (_, n) => {
    const talkMs = Math.round(40_000 + roll() * 140_000);
    const waitedMs = Math.round(PROMPT_MS + 300 + roll() ** 16 * 45_000);
    const isMissed = roll() < 0.028;
    const at = Math.round(now - waitedMs - talkMs - roll() * 6 * HOUR_MS);
    const call = madeCallOf(table, `made-${n}`, at, roll);
    return isMissed
      ? wholeCall(call, null, Math.round(8_000 + roll() * 30_000))
      : wholeCall(call, waitedMs, waitedMs + talkMs);
  });
  return stories.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
}
