import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileUnreadable } from '../../../src/base/errors.ts';
import { runCheck, type TableCheck } from '../../../src/cli/check.ts';

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/tables', name);

const recorder = () => {
  const lines: string[] = [];
  const take = (text: string) => void lines.push(...text.split('\n'));
  return { lines, terminal: { out: take, err: take } };
};

const check = async (table: string, { json = false, checks = [] as readonly TableCheck[] } = {}) => {
  const { lines, terminal } = recorder();
  const code = await runCheck({ table, json }, terminal, checks);
  return { code, lines };
};

const audioMissing: TableCheck = async (_, file) => [
  { severity: 'error', code: 'PROMPT_MISSING', message: 'merged.wav', file, line: 14, column: 3 },
];

describe('hotline check', () => {
  test('says in one line that a good table is good', async () => {
    const { code, lines } = await check(fixture('good.yaml'));
    expect(code).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /good\.yaml: good: 2 numbers, 3 regions, 2 expectations hold, 0 errors, 0 warnings; revision [0-9a-f]{16}$/,
    );
  });

  test('prints every problem at its place and answers 1', async () => {
    const file = fixture('UNKNOWN_TRUNK.yaml');
    const { code, lines } = await check(file);
    expect(code).toBe(1);
    expect(lines).toEqual([
      `${file}:21:42: error UNKNOWN_TRUNK: trunk \`pingtang\` is not under \`trunks\`; did you mean \`pingtan\`?`,
      `${file}:40:20: error UNKNOWN_TRUNK: trunk \`east\` is not under \`trunks\``,
      `${file}: not good: 2 errors, 0 warnings`,
    ]);
  });

  test('answers 1 when an expectation of the table fails', async () => {
    const { code, lines } = await check(fixture('EXPECTATION_FAILED.yaml'));
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('error EXPECTATION_FAILED: ');
  });

  test('prints warnings and still answers 0', async () => {
    const { code, lines } = await check(fixture('UNUSED_PROMPT.yaml'));
    expect(code).toBe(0);
    expect(lines[0]).toContain(':14:3: warning UNUSED_PROMPT: ');
  });

  test('with --json prints the problems as data', async () => {
    const { code, lines } = await check(fixture('AREA_CODE_SHARED.yaml'), { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      good: false,
      revision: null,
      problems: [{ severity: 'error', code: 'AREA_CODE_SHARED', line: 8, column: 34 }],
    });
  });

  test('takes in what further checks find', async () => {
    const { code, lines } = await check(fixture('good.yaml'), { checks: [audioMissing] });
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/good\.yaml:14:3: error PROMPT_MISSING: merged\.wav$/);
  });

  test('says in one line that a file cannot be read', async () => {
    await expect(check(fixture('no-such.yaml'))).rejects.toThrow(FileUnreadable);
    await expect(check(fixture('no-such.yaml'))).rejects.toThrow(/no-such\.yaml: no such file$/);
    await expect(check(fixture(''))).rejects.toThrow(/this is a directory$/);
  });
});
