import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FeatureCode,
  type Keys,
  NEXT_KEY_WITHIN_MS,
  NO_KEYS,
  press,
} from '../../../../src/calls/transfer/feature-code.ts';

/** Presses keys one after another. @returns the codes they made. */
const typed = (text: string, gapMs = 200): FeatureCode[] => {
  let keys: Keys = NO_KEYS;
  const codes: FeatureCode[] = [];
  for (const [n, key] of [...text].entries()) {
    const after = press(keys, key, 1_000 + n * gapMs);
    keys = after.keys;
    if (after.code) codes.push(after.code);
  }
  return codes;
};

describe('keys during a call', () => {
  test.each([
    ['*212366#', { do: 'transfer', kind: 'blind', to: '12366' }],
    ['*312345#', { do: 'transfer', kind: 'attended', to: '12345' }],
    ['*412350#', { do: 'transfer', kind: 'three-way', to: '12350' }],
    ['*1', { do: 'complete' }],
    ['*0', { do: 'return' }],
    ['*6', { do: 'hold' }],
  ])('%s', (text, code) => {
    expect(typed(text)).toEqual([code]);
  });

  test.each([
    '',
    '12366#',
    '*',
    '*#',
    '*2#',
    '*212366',
    '*5',
    '*7123#',
    '*2123a#',
    '2*',
    '#',
    '*2*',
    `*2${'1'.repeat(17)}#`,
  ])('that are no code do nothing: %j', (text) => {
    expect(typed(text)).toEqual([]);
  });

  const isNoCode = (text: string): boolean => {
    let keys: Keys = NO_KEYS;
    let said = false;
    for (const [n, key] of [...text].entries()) {
      const after = press(keys, key, 1_000 + n);
      keys = after.keys;
      said ||= after.isNoCode === true;
    }
    return said;
  };

  test('begun with * that become no code are told so; others mean nothing, and what is not over waits', () => {
    for (const text of ['*#', '*2#', '*5', '*9', `*2${'1'.repeat(17)}`])
      expect([text, isNoCode(text)]).toEqual([text, true]);
    for (const text of ['12366#', '#', '*', '*212366', '*2*', '*1', '*212366#'])
      expect([text, isNoCode(text)]).toEqual([text, false]);
  });

  test('begin anew with each *, so a mistake costs one key', () => {
    expect(typed('*2123*212366#')).toEqual([{ do: 'transfer', kind: 'blind', to: '12366' }]);
    expect(typed('*9*1')).toEqual([{ do: 'complete' }]);
    expect(typed('**1')).toEqual([{ do: 'complete' }]);
  });

  test('are forgotten after five seconds', () => {
    expect(typed('*1', NEXT_KEY_WITHIN_MS)).toEqual([{ do: 'complete' }]);
    expect(typed('*1', NEXT_KEY_WITHIN_MS + 1)).toEqual([]);
    expect(typed('*212366#', NEXT_KEY_WITHIN_MS + 1)).toEqual([]);
  });

  test('may be pressed one sequence after another', () => {
    expect(typed('*6*6*312348#*1')).toHaveLength(4);
  });

  test('whatever they are, name digits only, and remember little', () => {
    const key = fc.constantFrom(...'0123456789*#', 'A', '\r\n', '@', '１', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(9_000))), (pressed) => {
        let keys: Keys = NO_KEYS;
        let at = 0;
        for (const [each, gap] of pressed) {
          at += gap;
          const after = press(keys, each, at);
          keys = after.keys;
          expect(keys.typed.length).toBeLessThanOrEqual(18);
          if (after.code?.do === 'transfer') expect(after.code.to).toMatch(/^[0-9]{1,16}$/);
        }
      }),
    );
  });
});
