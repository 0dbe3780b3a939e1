/** The table's own expectations: calls, and where they must go. `check` and every reload run them. */
import { route } from './plan.ts';
import { type Problem, tableProblem } from './problems.ts';
import type { ConnectStep, Plan, Routed } from './routing.ts';
import type { Expectation, Table } from './table.ts';

const showStep = ({ to, skill }: { readonly to: string; readonly skill?: string | undefined }): string =>
  skill === undefined ? to : `${to} (skill ${skill})`;

const showChain = (steps: readonly { readonly to: string; readonly skill?: string | undefined }[]): string =>
  steps.map(showStep).join(', then ');

const connects = (plan: Plan): readonly ConnectStep[] => plan.filter((step) => step.do === 'connect');

/** The prompt before the first connection; null: none. */
const firstPrompt = (plan: Plan): string | null => {
  const step = plan.find(({ do: what }) => what === 'play' || what === 'connect');
  return step?.do === 'play' ? step.prompt : null;
};

/** Each way in which a call went elsewhere than expected, in words. */
const differences = ({ expect }: Expectation, routing: Routed): readonly string[] => {
  const found: string[] = [];
  if (expect.region !== undefined && expect.region !== routing.region.id) {
    found.push(`region is ${routing.region.id} (from ${routing.region.from}), expected ${expect.region}`);
  }
  const prompt = firstPrompt(routing.plan);
  if (expect.prompt !== undefined && expect.prompt !== prompt) {
    found.push(`prompt is ${prompt ?? 'none'}, expected ${expect.prompt ?? 'none'}`);
  }
  const chain = showChain(connects(routing.plan));
  const expected = showChain(expect.connect);
  if (chain !== expected) found.push(`connects ${chain}; expected ${expected}`);
  return found;
};

/** Runs one expectation; `at` is the clock its call arrives by. */
const run = (table: Table, expectation: Expectation, at: Date): readonly string[] => {
  const { to, from, trunk } = expectation.call;
  const routing = route(table, { dialled: to, caller: from ?? null, trunk: trunk ?? null }, at);
  return routing.number === null ? [`${to} is not a number of this table`] : differences(expectation, routing);
};

const describeCall = ({ to, from, trunk }: Expectation['call']): string =>
  [to, ...(from === undefined ? [] : [`from ${from}`]), ...(trunk === undefined ? [] : [`on trunk ${trunk}`])].join(
    ' ',
  );

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
