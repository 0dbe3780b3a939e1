/** The feed against what a real PBX writes of the same calls. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runVerify } from '../../src/cli/feed/verify.ts';
import { hasDetailRecords } from '../../src/lab/pbx/freeswitch.ts';
import { callAndReport } from '../../src/lab/report.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { startController } from './controller.ts';
import { type AnyTestLab, openFreeSwitchTestLab, openTestLab } from './test-lab.ts';

const WHOLE = '2 calls on both sides and whole, 0 still up; 0 missing in the feed, 0 at the PBX, 0 not whole';

interface DetailRecords {
  /** Below the PBX's folder. */
  readonly file: string;
  /** What its times are rounded down to, in milliseconds. */
  readonly roundedMs: number;
}

/** Two calls, a queue's and one whose seats ring together; then `hotline feed verify` by each of the PBX's files. */
async function comparesWith(testLab: AnyTestLab, files: readonly DetailRecords[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-verify-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const since = new Date();
  const { lab, table } = testLab;
  onTestFinished(() => lab.stop());
  const controller = await startController(testLab);
  onTestFinished(() => controller.stop());
  await Promise.all([
    callAndReport(lab, table, { dialled: '12301', from: '059187654321' }),
    callAndReport(lab, table, { dialled: '059212333', from: '05922001234' }),
  ]);
  const file = join(folder, 'records.ndjson');
  for (const { file: cdr, roundedMs } of files) {
    const verify = async (records: readonly CallRecord[]) => {
      await writeFile(file, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
      const said: string[] = [];
      const terminal = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
      const from = new Date(since.getTime() - roundedMs);
      const flags = { since: from, records: [file], cdr: [join(lab.pbx.folder, cdr)], context: 'hotline-' };
      return { code: await runVerify(flags, terminal), said: said.join('\n') };
    };
    await expect.poll(() => verify(controller.records), { timeout: 5_000 }).toEqual({ code: 0, said: WHOLE });
    const [first] = controller.records;
    const without = controller.records.filter(({ callId }) => callId !== first?.callId);
    expect(await verify(without)).toEqual({
      code: 1,
      said: expect.stringMatching(/^not in the feed: .* from 059\d\*\*\*\*\d{4}\n/),
    });
    const gap = controller.records.filter(({ type, callId }) => type !== 'routed' || callId !== first?.callId);
    expect((await verify(gap)).said).toMatch(/^records missing: .*: 1\n/);
    const unknown = { ...(first as CallRecord), callId: 'lab-nobody-knows-it', type: 'ended' } as CallRecord;
    expect((await verify([...controller.records, unknown])).said).toMatch(/^not at the PBX: nobody-knows-it /);
  }
}

test('calls on a real Asterisk stand in its own records and in ours; one taken out of either is told', async () => {
  await comparesWith(await openTestLab(), [
    { file: 'log/cdr-custom/hotline.csv', roundedMs: 0 },
    { file: 'log/cdr-csv/Master.csv', roundedMs: 1_000 },
  ]);
});

const home = process.env.FREESWITCH_HOME;
const lacking =
  home === undefined ? 'FREESWITCH_HOME names none' : hasDetailRecords(home) ? '' : 'it has no mod_cdr_csv';

test.skipIf(lacking)(`the same on a real FreeSWITCH${lacking && `: ${lacking}`}`, async () => {
  await comparesWith(await openFreeSwitchTestLab(home ?? ''), [{ file: 'log/cdr-csv/Master.csv', roundedMs: 1_000 }]);
});
