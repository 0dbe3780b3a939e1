/** One slip of a hand is told once, where it is, however much behind it can no longer be read. */
import { describe, expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { type Path, readYaml, type YamlText } from '../../../src/routing/yaml/text.ts';
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

/** What is read of a text, by the path to it, and where it stands. */
const partsOf = ({ value, place }: YamlText): ReadonlyMap<string, string> => {
  const parts = new Map<string, string>();
  const visit = (part: unknown, path: Path) => {
    if (typeof part !== 'object' || part === null) {
      parts.set(path.join('.'), JSON.stringify([part, place(path, 'key'), place(path)]));
      return;
    }
    const keys: readonly PropertyKey[] = Array.isArray(part) ? [...part.keys()] : Object.keys(part);
    for (const key of keys) visit((part as Record<PropertyKey, unknown>)[key], [...path, key]);
  };
  visit(value, []);
  return parts;
};

test('an entry with a fault is left out, and all others are read as they were, in their places', () => {
  const intact = partsOf(readYaml('routes.yaml', liveText));
  const numbers = [...liveText.matchAll(/^ {2}"(\d+)":/gm)].map(([, number = '']) => number);
  expect(numbers.length).toBeGreaterThan(30);
  for (const number of numbers) {
    const broken = liveText.replace(`\n  "${number}":\n    unit: `, `\n  "${number}":\n    unit: [`);
    expect(broken).not.toBe(liveText);
    const yaml = readYaml('routes.yaml', broken);
    expect(yaml.problems).toHaveLength(1);
    const left = [...intact].filter(([path]) => !path.startsWith(`numbers.${number}.`));
    expect(partsOf(yaml)).toEqual(new Map(left));
  }
});

describe('a table of 10,000 rules', { timeout: 60_000 }, () => {
  const large = madeTable(liveText, 400, 25);
  const broken: Readonly<Record<string, readonly [string, string]>> = {
    'with a quote missing': [large.replace('"200300":', '"200300:'), 'YAML_SYNTAX'],
    'with a tab': [large.replace('\n  "200300":', '\n\t"200300":'), 'YAML_SYNTAX'],
    'with a number twice': [large.replace('"200300":', '"200301":'), 'DUPLICATE_KEY'],
  };
  for (const [what, [text, code]] of Object.entries(broken)) {
    test(`${what} is refused in one line, within five seconds`, () => {
      expect(text).not.toBe(large);
      const { problems, tookMs } = parse(text);
      expect(problems.map((each) => each.code)).toEqual([code]);
      expect(tookMs).toBeLessThan(5_000);
    });
  }

  test('is checked within five seconds, with an anchor or a marker of documents too', () => {
    const anchored = large.replace('connect: queue:12345-{region}', 'connect: &a queue:12345-{region}');
    expect(anchored).not.toBe(large);
    for (const text of [large, anchored, `---\n${large}`]) {
      const { problems, tookMs } = parse(text);
      expect(problems).toEqual([]);
      expect(tookMs).toBeLessThan(5_000);
    }
  });

  test('with the same slip in every rule tells a thousand of them, and how many more there are', () => {
    const { problems } = parse(large.replaceAll('- seats:12348\n', '- seats:12384\n'));
    const unknown = problems.filter(({ code }) => code === 'UNKNOWN_DESTINATION');
    expect(unknown).toHaveLength(1_001);
    expect(unknown.filter(({ message }) => /^and \d+ more like the 1000 told$/.test(message))).toHaveLength(1);
  });
});
