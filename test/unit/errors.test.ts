import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as errors from '../../src/base/errors.ts';
import { CallRefused, refusalCodes } from '../../src/requests/refusals.ts';
import { tableProblems } from '../../src/routing/problems.ts';

type Concrete = new (first: string, second: string) => errors.HotlineError;

const classes = Object.values(errors).filter(
  (each) => each.prototype instanceof errors.HotlineError,
) as unknown as Concrete[];
const samples = [
  ...classes.map((each) => new each('what', 'why')),
  ...refusalCodes.map((code) => new CallRefused(code, 'call-1')),
];

const docs = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
/** Rows of the first table with codes: those that have a class. */
const [, withClass = ''] = docs.split('| code | exit |');
const rows = [...withClass.matchAll(/^\| `([A-Z_]+)` \| (\d) \| (.+) \| (.+) \|$/gm)].map(
  ([, code, exitCode, when, what]) => ({ code, exitCode: Number(exitCode), when, what }),
);

test('every error a user can meet has a row in the docs with its exit code, and every row has its error', () => {
  const told = rows.map(({ code, exitCode }) => `${code} ${exitCode}`);
  expect(told.toSorted()).toEqual(samples.map(({ code, exitCode }) => `${code} ${exitCode}`).toSorted());
});

test('no two errors share a code', () => {
  expect(new Set(samples.map(({ code }) => code)).size).toBe(samples.length);
});

test('the README lists every error with its exit code', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  expect(samples.filter(({ code, exitCode }) => !readme.includes(`| \`${code}\` | ${exitCode} |`))).toEqual([]);
});

test('the Chinese guide says of every error what to do', async () => {
  const guide = await readFile(new URL('../../docs/guide.zh.md', import.meta.url), 'utf8');
  expect(samples.map(({ code }) => code).filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
});

test('an error is one line for a person', () => {
  for (const error of samples) expect(error.message).not.toContain('\n');
});

test('the Chinese guide says of every problem of a table or a prompt what to do', async () => {
  const guide = await readFile(new URL('../../docs/guide.zh.md', import.meta.url), 'utf8');
  const prompts = await readFile(new URL('../../docs/prompts.md', import.meta.url), 'utf8');
  const ofPrompts = [...prompts.matchAll(/^\| `(PROMPT_[A-Z_]+)` \|/gm)].map(([, code]) => code ?? '');
  expect(ofPrompts.length).toBeGreaterThan(0);
  const codes = [...Object.keys(tableProblems), ...ofPrompts];
  expect(codes.filter((code) => !guide.includes(`| \`${code}\` |`))).toEqual([]);
});
