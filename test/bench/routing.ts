/**
 * What routing costs, as JSON: seconds to check tables of 10,000 rules with its expectations, microseconds to plan one
 * call by the table that ships and by those. The bar: checked in under 5 s, planned in under 5 µs. `cpu` figures do not count
 * what else the machine was busy with. Run it on an idle machine: `npm run bench:routing`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runExpectations } from '../../src/routing/checks/expectations.ts';
import { parseTable } from '../../src/routing/parse.ts';
import { decide } from '../../src/routing/plan.ts';
import type { CallFacts } from '../../src/routing/routing.ts';
import type { Table } from '../../src/routing/table.ts';
import { madeTable } from './made-table.ts';

const base = readFileSync(join(import.meta.dirname, '../../config/routes.yaml'), 'utf8');
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
// In the evening, so that no rule of office hours ends the search early.
const at = new Date('2026-11-24T20:00:00+08:00');

const timed = <T>(work: () => T): { readonly result: T; readonly seconds: number; readonly cpuSeconds: number } => {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    result,
    seconds: round((performance.now() - started) / 1000),
    cpuSeconds: round((user + system) / 1_000_000),
  };
};

const check = (text: string) => {
  const { result, ...took } = timed(() => {
    const parsed = parseTable({ file: 'made.yaml', text });
    const failed = parsed.table ? runExpectations(parsed.table, 'made.yaml', at) : [];
    return { table: parsed.table, problems: [...parsed.problems, ...failed] };
  });
  if (result.table === undefined || result.problems.length > 0) {
    throw new Error(`the made table should be good: ${JSON.stringify(result.problems.slice(0, 3))}`);
  }
  return { table: result.table, ...took };
};

/** Calls of every kind: with an area code, from a fixed line, from a mobile, over a trunk. */
const callsTo = (numbers: readonly string[]): readonly CallFacts[] =>
  numbers.flatMap((number) => [
    { dialled: `0592${number}`, caller: '13800000000', trunk: 'exchange' },
    { dialled: number, caller: '05952001234', trunk: null },
    { dialled: `+86598${number}`, caller: '05922160001', trunk: null },
    { dialled: number, caller: '13800000000', trunk: 'pingtan' },
  ]);

/** Median of rounds, so that a round in which the machine did other things does not count. */
const planMicros = (table: Table, numbers: readonly string[]): number => {
  const calls = callsTo(numbers);
  const perRound = 20_000;
  const rounds = Array.from({ length: 25 }, (_, round) => {
    const started = performance.now();
    for (let index = 0; index < perRound; index++) {
      const call = calls[index % calls.length];
      // Each call comes 7 ms after the one before, as at 140 calls per second.
      if (call) decide(table, call, new Date(at.getTime() + (round * perRound + index) * 7));
    }
    return ((performance.now() - started) * 1000) / perRound;
  });
  return round(rounds.sort((one, other) => one - other)[12] ?? 0);
};

const rulesIn = (table: Table): number => [...table.numbers.values()].reduce((sum, { rules }) => sum + rules.length, 0);

const small = check(base);
const large = check(madeTable(base, 400, 25));
const deep = check(madeTable(base, 2, 5000));
const made = (table: Table): string[] => [...table.numbers.keys()].filter((number) => number.startsWith('200'));

console.log(
  JSON.stringify(
    {
      check: [small, large, deep].map(({ table, seconds, cpuSeconds }) => ({
        numbers: table.numbers.size,
        rules: rulesIn(table),
        seconds,
        cpuSeconds,
      })),
      planMicros: {
        numbers32: planMicros(small.table, [...small.table.numbers.keys()]),
        rules10000: planMicros(large.table, made(large.table)),
        numberOf5000Rules: planMicros(deep.table, made(deep.table)),
      },
    },
    null,
    2,
  ),
);
