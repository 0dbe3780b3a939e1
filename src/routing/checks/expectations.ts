/** The table's own expectations: calls, and where they must go. `check` and every reload run them. */
import { decide } from '../plan.ts';
import { type Place, type Problem, tableProblem } from '../problems.ts';
import type { Decided } from '../routing.ts';
import { connectsOf, type Plan } from '../steps.ts';
import type { Expectation, Table } from '../table.ts';
import type { Path } from '../yaml/text.ts';

const showStep = ({ to, skill }: { readonly to: string; readonly skill?: string | undefined }): string =>
  skill === undefined ? to : `${to} (skill ${skill})`;

const showChain = (steps: readonly { readonly to: string; readonly skill?: string | undefined }[]): string =>
  steps.map(showStep).join(', then ');

/** The prompt before the first connection; null: none. */
const firstPrompt = (plan: Plan): string | null => {
  const step = plan.find(({ do: what }) => what === 'play' || what === 'connect');
  return step?.do === 'play' ? step.prompt : null;
};

/** Each way in which a call went elsewhere than expected, in words. */
const differences = ({ expect }: Expectation, routing: Decided): readonly string[] => {
  const found: string[] = [];
  if (expect.region !== undefined && expect.region !== routing.region.id) {
    found.push(`region is ${routing.region.id} (from ${routing.region.from}), expected ${expect.region}`);
  }
  const prompt = firstPrompt(routing.plan);
  if (expect.prompt !== undefined && expect.prompt !== prompt) {
    found.push(`prompt is ${prompt ?? 'none'}, expected ${expect.prompt ?? 'none'}`);
  }
  const chain = showChain(connectsOf(routing.plan));
  const expected = showChain(expect.connect);
  if (chain !== expected) found.push(`connects ${chain}; expected ${expected}`);
  return found;
};

/** Runs one expectation; `at` is the clock of a call that does not state its own. */
const run = (table: Table, expectation: Expectation, at: Date): readonly string[] => {
  const { to, from, trunk, at: stated } = expectation.call;
  const when = stated === undefined ? at : new Date(stated.ms);
  const routing = decide(table, { dialled: to, caller: from ?? null, trunk: trunk ?? null }, when);
  return routing.number === null ? [`${to} is not a number of this table`] : differences(expectation, routing);
};

const describeCall = ({ to, from, trunk, at }: Expectation['call']): string => {
  const rest = { from, 'on trunk': trunk, at: at?.written };
  const told = Object.entries(rest).flatMap(([word, value]) => (value === undefined ? [] : [`${word} ${value}`]));
  return [to, ...told].join(' ');
};

/** A problem for each expectation that fails, at its place in `file`. */
export const runExpectations = (table: Table, file: string, at: Date): readonly Problem[] =>
  table.expectations.flatMap((expectation) =>
    run(table, expectation, at).map((difference) =>
      tableProblem('EXPECTATION_FAILED', `${describeCall(expectation.call)}: ${difference}`, {
        file,
        ...placeOf(expectation),
      }),
    ),
  );

const placeOf = ({ line, column }: Expectation) => ({ line, column });

/** A problem for each rule whose time has passed at `at`; the short form `connect` never ends. */
export const findExpired = (table: Table, locate: (path: Path) => Place, at: Date): readonly Problem[] =>
  [...table.numbers.values()].flatMap(({ number, rules }) =>
    rules.flatMap(({ until }, index) => {
      if (until === undefined || until.ms > at.getTime()) return [];
      const message = `rule ${index + 1} of ${number} held until ${until.written}`;
      return [tableProblem('RULE_EXPIRED', message, locate(['numbers', number, 'rules', index, 'when', 'until']))];
    }),
  );
