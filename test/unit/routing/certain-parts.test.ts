/** A table with errors: what fails beside them is told as well, and what fails only because of them is not. */
import { describe, expect, test } from 'vitest';
import { validate } from '../../../src/tables/source/sources.ts';
import { liveText } from './tables.ts';

const codesOf = (text: string): string[] => {
  const { problems } = validate({ table: { file: 'routes.yaml', text } }, new Date('2026-11-24T09:00:00+08:00'));
  return problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);
};

/** An expectation of 12365 that does not hold. */
const failing = liveText.replace(
  'expect: { region: ningde, prompt: merged, connect: queue:12345-ningde }',
  'expect: { region: ningde, prompt: merged, connect: queue:12345-putian }',
);

const inNumber = (text: string, number: string, from: string, to: string): string => {
  const at = text.indexOf(`"${number}":`, text.indexOf('\nnumbers:'));
  return text.slice(0, at) + text.slice(at).replace(from, to);
};

describe('a failing expectation', () => {
  test('is told where nothing else is wrong', () => {
    expect(new Set(codesOf(failing))).toEqual(new Set(['EXPECTATION_FAILED']));
  });

  test('is told beside errors that do not touch it', () => {
    const text = inNumber(failing, '12333', 'mode: merged', 'mode: mergd').replace('ringSeconds: 20', 'ringSeconds: 0');
    expect(new Set(codesOf(text))).toEqual(new Set(['BAD_VALUE', 'EXPECTATION_FAILED']));
  });

  test('is told for a number that the table does not have', () => {
    const text = `${inNumber(liveText, '12333', 'mode: merged', 'mode: mergd').trimEnd()}
  - call: { to: "999" }
    expect: { connect: queue:12345-putian }
`;
    expect(codesOf(text)).toEqual(['BAD_VALUE', 'EXPECTATION_FAILED']);
  });

  test.each<[string, (text: string) => string]>([
    ['the number itself is wrong', (text) => inNumber(text, '12333', 'mode: merged', 'mode: mergd')],
    ['a place it connects to is wrong', (text) => text.replace('label: 厦门市12333座席', 'label: 12')],
    ['the regions are wrong', (text) => text.replace('areaCode: "0595"', 'areaCode: 0595')],
    ['a trunk is wrong', (text) => text.replace('pingtan: { region: pingtan }', 'pingtan: { region: pingtang }')],
    ['a whole section is missing', (text) => text.replace('\nregions:', '\nregionen:')],
    ['the text is not YAML', (text) => text.replace('\nnumbers:', '\nnumbers: [')],
  ])('is not made up because %s', (_, break_) => {
    const codes = codesOf(break_(liveText));
    expect(codes.length).toBeGreaterThan(0);
    expect(codes).not.toContain('EXPECTATION_FAILED');
  });
});

test('a name that is not there is told although its neighbour is wrong too', () => {
  const text = inNumber(
    inNumber(liveText, '12396', 'mode: merged', 'mode: mergd'),
    '12396',
    'prompt: merged',
    'prompt: x',
  );
  expect(codesOf(text)).toEqual(['BAD_VALUE', 'UNKNOWN_PROMPT']);
});
