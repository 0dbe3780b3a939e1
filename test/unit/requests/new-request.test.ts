import { expect, it } from 'vitest';
import { refusedAfter } from '../compiler.ts';

const REFUSALS = 'src/requests/refusals.ts';
const TIME = { timeout: 60_000 };

it('has tsc refuse a new refusal without HTTP status, spoken word and message', TIME, () => {
  const from = 'const REFUSALS = {';
  const without = { file: REFUSALS, from, to: `${from} TOO_TIRED: { status: 409, spoken: 'not-now' },` };
  expect(refusedAfter(without, [REFUSALS])).toEqual([REFUSALS]);
  const unspoken = {
    ...without,
    to: `${from} TOO_TIRED: { status: 409, spoken: 'too-tired', message: () => 'it sleeps' },`,
  };
  expect(refusedAfter(unspoken, [REFUSALS])).toEqual([REFUSALS]);
  const whole = { ...unspoken, to: unspoken.to.replace('too-tired', 'not-now') };
  expect(refusedAfter(whole, [REFUSALS])).toEqual([]);
});

it('has tsc refuse a reason of routing that is no refusal yet', TIME, () => {
  const reader = 'src/calls/transfer/verdict.ts';
  const from = "export type TargetRefusal = 'UNKNOWN_TARGET'";
  const change = { file: 'src/routing/transfers.ts', from, to: `${from} | 'TOO_TIRED'` };
  expect(refusedAfter(change, [reader])).toEqual([reader]);
});

it('has tsc refuse whoever does not know a new request', TIME, () => {
  const readers = ['src/admin/api/transfer-routes.ts', 'src/calls/transfer/verdict.ts'];
  const from = "const VERBS = ['complete',";
  const change = { file: 'src/requests/request.ts', from, to: `${from} 'whistle',` };
  expect(refusedAfter(change, readers)).toEqual(readers);
});
