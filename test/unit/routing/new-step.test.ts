import { expect, it } from 'vitest';
import { type Change, refusedAfter } from '../compiler.ts';

const READERS = [
  'src/calls/session.ts',
  'src/dialplan/asterisk/plan.ts',
  'src/dialplan/freeswitch/plan.ts',
  'src/routing/compare/plan-change.ts',
  'src/routing/explain.ts',
  'src/routing/format-plan.ts',
  'src/routing/steps.ts',
];

const PAGE = ['src/admin/page/call-view.js', 'src/admin/page/words.js'];

const newStep: Change = {
  file: 'src/routing/steps.ts',
  from: "discriminatedUnion('do', [",
  to: "discriminatedUnion('do', [z.strictObject({ do: z.literal('whistle') }), ",
};

const nothing: Change = { ...newStep, to: newStep.from };

it('has tsc refuse every reader of steps that does not know a new kind', { timeout: 60_000 }, () => {
  expect(refusedAfter(newStep, READERS)).toEqual(READERS);
  expect(refusedAfter(nothing, READERS)).toEqual([]);
});

it('has tsc refuse the page that has no words for a new kind of step', { timeout: 60_000 }, () => {
  expect(refusedAfter(newStep, PAGE, 'src/admin/page/tsconfig.json')).toEqual(PAGE);
  expect(refusedAfter(nothing, PAGE, 'src/admin/page/tsconfig.json')).toEqual([]);
});
