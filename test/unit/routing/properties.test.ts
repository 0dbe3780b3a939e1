/** What must hold for every input there is, tried on many. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { route } from '../../../src/routing/plan.ts';
import { mutationsOf } from './mutations.ts';
import { goodText, liveTable, liveText, wholeText } from './tables.ts';

const table = liveTable();
const number = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^(\+|00)?(86)?0?59[0-9](12[0-9]{3}|96119)$/),
  fc.stringMatching(/^[+0-9 ()-]{0,24}$/),
  fc.constantFrom(...table.numbers.keys()),
);
const caller = fc.oneof(fc.constant(null), number, fc.stringMatching(/^(\+86|0086|86|0)?1[3-9][0-9]{9}$/));
const trunk = fc.oneof(fc.constant(null), fc.constantFrom('pingtan', 'exchange', '__proto__'), fc.string());

describe('any dialled string and any caller', () => {
  test('are given a plan that ends, or a clear refusal, and never an exception', () => {
    fc.assert(
      fc.property(number, caller, trunk, fc.date(), (dialled, from, on, at) => {
        const routing = route(table, { dialled, caller: from, trunk: on }, at);
        expect(routing.plan.at(-1)).toEqual({
          do: 'hangup',
          cause: routing.number === null ? 'unallocated' : 'no-answer',
        });
        for (const step of routing.plan) {
          if (step.do === 'connect') expect(table.queues.has(step.to) || table.seats.has(step.to)).toBe(true);
        }
        if (routing.number !== null) expect(routing.considered.filter(({ matched }) => matched)).toHaveLength(1);
      }),
      { numRuns: 3000 },
    );
  });

  test('are answered alike each time they are asked about', () => {
    fc.assert(
      fc.property(number, caller, (dialled, from) => {
        const facts = { dialled, caller: from, trunk: null };
        expect(route(table, facts, new Date(0))).toEqual(route(table, facts, new Date(0)));
      }),
    );
  });

  test('what is neither text nor null is refused as well', () => {
    for (const odd of [undefined, 12333, {}, []]) {
      const facts = { dialled: odd as unknown as string, caller: odd as unknown as string, trunk: null };
      expect(route(table, facts, new Date(0)).number).toBeNull();
    }
  });
});

const parse = (text: string | Uint8Array) => {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const parsed = parseTable({ file: 'routes.yaml', text });
  const { user, system } = process.cpuUsage(cpu);
  // A machine that is busy with other things is no fault of the parser's.
  const tookMs = Math.min(performance.now() - started, (user + system) / 1000);
  return { ...parsed, tookMs };
};

/** Refused with located problems or taken whole, within a second. */
const holds = (text: string | Uint8Array) => {
  const { table: compiled, problems, tookMs } = parse(text);
  expect(tookMs).toBeLessThan(1000);
  expect(compiled === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
  const isPlaced = (value: number) => Number.isInteger(value) && value >= 1;
  const misplaced = problems.filter(
    ({ line, column, message, file }) =>
      !isPlaced(line) || !isPlaced(column) || message === '' || file !== 'routes.yaml',
  );
  expect(misplaced).toEqual([]);
};

/** Bytes that are no UTF-8 somewhere in the middle. */
const brokenBytes = fc
  .tuple(fc.nat(wholeText.length), fc.uint8Array({ minLength: 1, maxLength: 4 }))
  .map(([at, bytes]) => {
    const encoded = new TextEncoder().encode(wholeText);
    encoded.set(bytes.slice(0, encoded.length - at), at);
    return encoded;
  });

describe('a table that somebody broke', () => {
  test('in any of the ways hands break text is refused at a place, or still good', () => {
    fc.assert(fc.property(mutationsOf(goodText), holds), { numRuns: 8000 });
    fc.assert(fc.property(mutationsOf(wholeText), holds), { numRuns: 1000 });
    fc.assert(fc.property(mutationsOf(liveText), holds), { numRuns: 100 });
    fc.assert(fc.property(brokenBytes, holds), { numRuns: 1000 });
  }, 180_000);

  test('and is not even YAML is refused at a place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), holds), { numRuns: 500 });
    fc.assert(fc.property(fc.stringMatching(/^[\s:[\]{}\-?*&!|>'"%@`,#a-c0-2]{0,80}$/), holds), { numRuns: 2000 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), holds), { numRuns: 500 });
    const inside = fc.stringMatching(/^[\s:[\]{}\-"#,a-c0-2]{0,60}$/);
    fc.assert(
      fc.property(inside, (text) => holds(`numbers:\n  a: 1\n  ${text}\n  b: ${text}\n`)),
      { numRuns: 1000 },
    );
  }, 60_000);

  const nested: Readonly<Record<string, string>> = {
    'lists in lists': '['.repeat(50_000),
    'mappings in mappings': '{a: '.repeat(20_000),
    'dashes in dashes': '- '.repeat(20_000),
    'questions in questions': '? '.repeat(20_000),
    'one long line': 'a'.repeat(2_000_000),
    'a list in itself': 'a: &a [*a]',
    'aliases to nothing': 'a: *nothing',
    'a key that is a mapping': '{a: 1}: 2',
    'a key called __proto__': '__proto__: { a: 1 }\nconstructor: 2',
  };
  for (const [what, text] of Object.entries(nested)) {
    test(`with ${what} is refused within a second`, () => {
      holds(text);
      holds(`${goodText}x: ${text}\n`);
    });
  }

  test('with a billion laughs is refused within a second', () => {
    const laughs = Array.from(
      { length: 20 },
      (_, index) => `l${index}: &l${index} [${`*l${index - 1}, `.repeat(index === 0 ? 0 : 9)}]`,
    );
    const { table: compiled, problems, tookMs } = parse(`${laughs.join('\n')}\n${goodText}`);
    expect(compiled).toBeUndefined();
    expect(problems.map(({ code }) => code)).toContain('ALIASES_EXPLODE');
    expect(tookMs).toBeLessThan(1000);
  });
});
