import { expect, test } from 'vitest';
import { closedTerminal } from '../../../src/lab/terminal.ts';

const lab = (...seen: readonly boolean[]) => {
  const left = [...seen];
  return closedTerminal(() => left.shift() ?? false);
};

test('a lab whose terminal was closed takes SIGHUP for its end', () => {
  expect(lab(true, false)()).toBe(true);
});

test('a lab whose terminal is there takes it for a reload, and so does one that never had any', () => {
  expect(lab(true, true)()).toBe(false);
  expect(lab(false, false)()).toBe(false);
});
