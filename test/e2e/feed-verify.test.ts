/** The feed against what a real PBX writes of the same calls. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runVerify } from '../../src/cli/feed-verify.ts';
import type { CallRecord } from '../../src/feed/record.ts';
import { callAndReport } from '../../src/lab/report.ts';
import { startController } from './controller.ts';
import { openTestLab } from './test-lab.ts';

test('calls on a real Asterisk stand in its own records and in ours; one taken out of either is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-verify-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const since = new Date();
  const testLab = await openTestLab();
  const { lab, table } = testLab;
  onTestFinished(() => lab.stop());
  const controller = await startController(testLab);
  onTestFinished(() => controller.stop());
  await Promise.all([
    callAndReport(lab, table, { dialled: '12301', from: '059187654321' }), // a queue
    callAndReport(lab, table, { dialled: '059212333', from: '05922001234' }), // seats, two of them
  ]);
  const file = join(folder, 'records.ndjson');
  const verify = async (records: readonly CallRecord[], cdr: string) => {
    await writeFile(file, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const said: string[] = [];
    const terminal = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
    const flags = { since, records: [file], cdr: [join(lab.pbx.folder, cdr)], context: 'hotline-' };
    return { code: await runVerify(flags, terminal), said: said.join('\n') };
  };
  for (const cdr of ['log/cdr-custom/hotline.csv', 'log/cdr-csv/Master.csv']) {
    const early = cdr.includes('csv/Master') ? 1_000 : 0; // whole seconds
    since.setTime(since.getTime() - early);
    await expect
      .poll(() => verify(controller.records, cdr), { timeout: 5_000 })
      .toEqual({
        code: 0,
        said: '2 calls on both sides and whole, 0 still up; 0 missing in the feed, 0 at the PBX, 0 not whole',
      });
    const [first] = controller.records;
    const without = controller.records.filter(({ callId }) => callId !== first?.callId);
    const { code, said } = await verify(without, cdr);
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/^not in the feed: .* from 059\d\*\*\*\*\d{4}\n/),
    });
    const gap = controller.records.filter(({ type, callId }) => type !== 'routed' || callId !== first?.callId);
    expect((await verify(gap, cdr)).said).toMatch(/^records missing: .*: 1\n/);
  }
});
