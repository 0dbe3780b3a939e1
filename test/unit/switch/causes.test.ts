import { describe, expect, test } from 'vitest';
import { legEndCause, Q850 } from '../../../src/switch/kit/causes.ts';

describe('why a leg ended, from its Q.850 cause', () => {
  test.each([
    ['busy', 17, 'busy'],
    ['rejected by hand', 21, 'rejected'],
    ['nobody picked up (18)', 18, 'no-answer'],
    ['nobody picked up (19)', 19, 'no-answer'],
    ["Asterisk's own time-out, which brings no cause", 0, 'no-answer'],
    ['unallocated', 1, 'unreachable'],
    ['not registered', 20, 'unreachable'],
    ['destination out of order', 27, 'unreachable'],
    ['no circuit', 34, 'unreachable'],
    ['temporary failure', 41, 'unreachable'],
    ['interworking', 127, 'unreachable'],
    ['a cause of the future', 126, 'no-answer'],
  ])('%s', (_, q850, cause) => expect(legEndCause(q850, false)).toBe(cause));

  test('once answered, whatever the cause, somebody hung up', () => {
    for (let q850 = 0; q850 < 128; q850 += 1) expect(legEndCause(q850, true)).toBe('hung-up');
  });
});

test('a stranger is refused with the cause that becomes SIP 404', () => expect(Q850.unallocated).toBe(1));

test('no two ways to hang up look the same to the network', () => {
  expect(new Set(Object.values(Q850)).size).toBe(Object.keys(Q850).length);
});
