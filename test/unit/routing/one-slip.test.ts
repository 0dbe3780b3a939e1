/** One slip of a hand is told once, where it is, however much behind it can no longer be read. */
import { describe, expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { madeTable } from '../../bench/made-table.ts';
import { liveText } from './tables.ts';

const parse = (text: string) => {
  const begun = process.cpuUsage(); // not by the clock: others use the machine too
  const { table, problems } = parseTable({ file: 'routes.yaml', text });
  const { user, system } = process.cpuUsage(begun);
  return { table, tookMs: (user + system) / 1000, problems };
};

const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('one slip', () => {
  const slips: Readonly<Record<string, readonly [string, string]>> = {
    'a quote missing behind a number': ['"12301":', '"12301:'],
    'a quote missing behind a unit': ['unit: 省人社厅', 'unit: "省人社厅'],
    'a bracket missing': ['members: [12345-xiamen-1, 12345-xiamen-2]', 'members: [12345-xiamen-1, 12345-xiamen-2'],
    'a tab before a number': ['  "12333":', '\t"12333":'],
    'a brace missing in an expectation': ['- call: { to: "059212333" }', '- call: { to: "059212333"'],
  };
  for (const [what, [right, wrong]] of Object.entries(slips)) {
    test(`(${what}) is one line`, () => {
      expect(liveText).toContain(right);
      const text = liveText.replace(right, wrong);
      const { table, problems } = parse(text);
      expect(table).toBeUndefined();
      expect(problems.map(({ code, message }) => `${code} ${message}`)).toHaveLength(1);
      expect(problems[0]?.line).toBeGreaterThanOrEqual(lineOf(text, wrong));
      expect(problems[0]?.line).toBeLessThanOrEqual(lineOf(text, wrong) + 1);
    });
  }

  test('does not hide another one elsewhere, nor a mistake that has nothing to do with it', () => {
    const text = liveText
      .replace('"12301":', '"12301:')
      .replace('unit: 省人社厅', 'unit: "省人社厅')
      .replace('waitSeconds: ', 'waitSeconds: x');
    const { problems } = parse(text);
    expect(problems.map(({ code }) => code).toSorted()).toEqual(['WRONG_TYPE', 'YAML_SYNTAX', 'YAML_SYNTAX']);
  });
});

describe('a large table', () => {
  const large = madeTable(liveText, 800, 25);
  const broken: Readonly<Record<string, readonly [string, string]>> = {
    'with a quote missing': [large.replace('"200500":', '"200500:'), 'YAML_SYNTAX'],
    'with an anchor': [
      large.replace('connect: queue:12345-{region}', 'connect: &a queue:12345-{region}'),
      'TABLE_TOO_LARGE',
    ],
    'with a marker of documents': [`---\n${large}`, 'TABLE_TOO_LARGE'],
    'with a tab': [large.replace('\n  "200500":', '\n\t"200500":'), 'YAML_SYNTAX'],
    'with a number twice': [large.replace('"200500":', '"200501":'), 'DUPLICATE_KEY'],
  };
  for (const [what, [text, code]] of Object.entries(broken)) {
    test(`${what} is refused in one line, in no more time than a good one takes`, () => {
      expect(text).not.toBe(large);
      const good = parse(large).tookMs;
      const { problems, tookMs } = parse(text);
      expect(problems.map((each) => each.code)).toEqual([code]);
      expect(tookMs).toBeLessThan(Math.max(1_000, good * 2));
    });
  }

  test('with the same slip in every rule tells a thousand of them, and how many more there are', () => {
    const { problems } = parse(large.replaceAll('- seats:12348\n', '- seats:12384\n'));
    const unknown = problems.filter(({ code }) => code === 'UNKNOWN_DESTINATION');
    expect(unknown).toHaveLength(1_001);
    expect(unknown.filter(({ message }) => /^and \d+ more like the 1000 told$/.test(message))).toHaveLength(1);
  });
});
