/** Golden tables: each bad one with every line `hotline check` prints for it. Renew with HOTLINE_UPDATE=1, and read the change. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import { formatProblem, type Problem, tableProblems } from '../../../src/routing/problems.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';

const folder = join(import.meta.dirname, '../../fixtures/tables');
const updating = process.env.HOTLINE_UPDATE === '1';
/** Dated rules of the fixtures lie ahead of this day, or behind it. */
const WRITTEN = new Date('2026-11-01T00:00:00Z');
const codes = Object.keys(tableProblems);

/** A file of this kind would be 8 MB; it is made below instead. */
const withoutFile = ['TABLE_TOO_LARGE'];

const print = (problems: readonly Problem[]): string =>
  problems.map((problem) => `${formatProblem(problem).replace(`${folder}/`, '')}\n`).join('');

describe('each kind of bad table', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  for (const name of names) {
    test(`${name} is answered with exactly the lines an engineer should read`, async () => {
      const { problems } = await loadTable(join(folder, name), WRITTEN);
      const golden = join(folder, name.replace('.yaml', '.txt'));
      const printed = print(problems);
      if (updating) writeFileSync(golden, printed);
      expect(printed).toBe(readFileSync(golden, 'utf8'));
    });
  }

  for (const code of codes.filter((name) => !withoutFile.includes(name))) {
    test(`${code} has a table that shows it`, () => {
      const golden = readFileSync(join(folder, `${code}.txt`), 'utf8');
      expect(golden).toMatch(
        new RegExp(`^\\S+:\\d+:\\d+: ${tableProblems[code as keyof typeof tableProblems].severity} ${code}: `, 'm'),
      );
    });
  }

  test('a table larger than any table may be is refused unread', () => {
    const { table, problems } = parseTable({ file: 'huge.yaml', text: '#'.repeat(9 * 1024 * 1024) });
    expect(table).toBeUndefined();
    expect(print(problems)).toBe('huge.yaml:1:1: error TABLE_TOO_LARGE: larger than 8 MB\n');
  });
});

test('every code has a row in docs/table.md with its severity and its meaning, and no row is left over', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/table.md'), 'utf8');
  const rows = [...docs.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (error|warning) \| (.+?) \|/gm)].map(
    ([, ...cells]) => cells,
  );
  const wanted = Object.entries(tableProblems).map(([code, { severity, meaning }]) => [code, severity, meaning]);
  expect(rows).toEqual(wanted);
});
