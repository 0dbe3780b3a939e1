/**
 * The part of a table that a dialplan can hold without a controller. It has neither calendar nor caller lists: rules that
 * depend on trunk or caller are left out, hours and dates are fixed at one time, and the file says so. Pure.
 */
import type { HotlineNumber, Rule, Table } from '../routing/table.ts';
import { formatWallTime } from '../routing/time/zone-clock.ts';

const asksWho = ({ trunks, callers }: Rule): boolean => (trunks ?? callers) !== undefined;
const asksWhen = ({ hours, from, until }: Rule): boolean => (hours ?? from ?? until) !== undefined;

const rulesOf = (table: Table): readonly Rule[] => [...table.numbers.values()].flatMap(({ rules }) => rules);

/** The table without rules that depend on caller or trunk: those calls go where all others go. */
export const staticTable = (table: Table): Table => {
  if (!rulesOf(table).some(asksWho)) return table;
  const withoutCaller = (number: HotlineNumber): HotlineNumber => ({
    ...number,
    rules: number.rules.filter((rule) => !asksWho(rule)),
    rulesOf: undefined,
  });
  return { ...table, numbers: new Map(Array.from(table.numbers, ([id, number]) => [id, withoutCaller(number)])) };
};

/** Sentences on what the dialplan leaves out of the table; none if no rule depends on caller, trunk or time. */
export const leftOut = (table: Table, at: Date): readonly string[] => {
  const rules = rulesOf(table);
  const { clock, queues, seats } = table;
  const someClose = [...queues.values(), ...seats.values()].some(({ hours }) => hours !== undefined);
  const when = `${formatWallTime(clock.wallTime(at.getTime()))} ${clock.timeZone}`;
  return [
    ...(rules.some(asksWhen) || someClose
      ? [`Hours and dates are as they stood at ${when}: this file has no calendar. Build it anew when they change.`]
      : []),
    ...(rules.some(asksWho) ? ['Rules that ask for a trunk or a caller are left out.'] : []),
  ];
};
