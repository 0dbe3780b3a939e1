import { describe, expect, test } from 'vitest';
import { hotline } from './hotline.ts';

describe('hotline explain', () => {
  test('prints the contract as JSON', async () => {
    const { code, out, err } = await hotline('explain', '--to', '059212333', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Object.keys(JSON.parse(out))).toEqual([
      'revision',
      'dialled',
      'number',
      'unit',
      'mode',
      'region',
      'considered',
      'plan',
    ]);
  });

  test('takes caller, trunk and time into account', async () => {
    const { out } = await hotline(
      'explain',
      '--to',
      '12329',
      '--from',
      '05922001234',
      '--trunk',
      'pingtan',
      '--at',
      '2026-10-01T09:00:00+08:00',
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({ region: { id: 'pingtan', from: 'trunk' } });
  });

  test('tells the story to a person', async () => {
    const { code, out } = await hotline('explain', '--to', '12333');
    expect(code).toBe(0);
    expect(out).toContain('region province 福建省: nothing told the city');
    expect(out).toContain('connect queue:12345-fuzhou 福州12345, wait 120 s');
  });

  test('answers 1 for a number outside the table, and still prints the JSON', async () => {
    const { code, out } = await hotline('explain', '--to', '110', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ number: null, plan: [{ do: 'hangup', cause: 'unallocated' }] });
  });

  const BAD = ['explain', '--to', '12333', '--table', 'test/fixtures/tables/UNKNOWN_TRUNK.yaml'] as const;

  test('answers 1 for a bad table, with its problems', async () => {
    const { code, out, err } = await hotline(...BAD);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('UNKNOWN_TRUNK.yaml:21:42: error UNKNOWN_TRUNK: ');
  });

  test('answers with JSON for a bad table too, when JSON was asked for', async () => {
    const { code, out, err } = await hotline(...BAD, '--json');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({ good: false, problems: [{ code: 'UNKNOWN_TRUNK' }, { line: 40 }] });
  });

  test('warns of a trunk the table does not have', async () => {
    const { code, err } = await hotline('explain', '--to', '12333', '--trunk', 'pingtang');
    expect(code).toBe(0);
    expect(err).toContain('no trunk "pingtang" in the table; it has pingtan');
  });

  for (const time of ['yesterday', '2026-13-45', '2026-02-30T00:00:00Z', '']) {
    test(`answers 2 for the time "${time}", in one line`, async () => {
      const { code, out, err } = await hotline('explain', '--to', '12333', '--at', time);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('ISO 8601');
      expect(err.trim().split('\n')).toHaveLength(1);
    });
  }

  test('answers 2 without a number, and for a table that is not there', async () => {
    expect((await hotline('explain')).code).toBe(2);
    const { code, err } = await hotline('explain', '--to', '12333', '--table', 'nowhere.yaml');
    expect({ code, err }).toEqual({ code: 2, err: 'error FILE_UNREADABLE: nowhere.yaml: no such file\n' });
  });
});
