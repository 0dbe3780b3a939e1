/** Talks are recorded by the real PBX: what is in the files, what becomes of them when a controller is killed, or the disk refuses. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { toneSpans } from '../../src/lab/sound/tones.ts';
import { readWave } from '../../src/prompts/wave.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { onEachPbx } from './each-pbx.ts';
import { voicesIn } from './recorded-voices.ts';
import { type Service, startService } from './service.ts';
import { type AnyTestLab, goodTable, leftoversOf, recordingsOf } from './test-lab.ts';

/** The shipped table, with the sub-centre of the tax authority recorded: no prompt, so the talk begins at once. */
async function recordingTable(): Promise<string> {
  const text = await readFile('config/routes.yaml', 'utf8');
  const file = join(await mkdtemp(join(tmpdir(), 'hotline-table-')), 'routes.yaml');
  await writeFile(file, text.replace(/^( {2}12366-fujian:\n)/m, '$1    record: true\n'));
  return file;
}

const run = promisify(execFile);

type Ended = Extract<CallRecord, { type: 'ended' }>;

onEachPbx('a destination whose talks are recorded', (openLab) => {
  let testLab: AnyTestLab;
  let table: string;
  let service: Service;

  const serve = async (lab: AnyTestLab): Promise<Service> =>
    startService(lab, { table, recordings: { dir: recordingsOf(lab.lab), leastFreeMb: 0 } });

  beforeAll(async () => {
    table = await recordingTable();
    testLab = await openLab(await goodTable(table));
    await mkdir(recordingsOf(testLab.lab), { recursive: true });
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 300 });
    testLab.lab.exchange.setAgent('12366-fujian-2', { do: 'ring' });
    service = await serve(testLab);
  });

  afterEach(async () => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
  });

  afterAll(async () => {
    await service?.stop();
    await testLab?.lab.stop();
  });

  const place = (talkMs: number) => {
    const hangup = { after: 'heard', ms: talkMs } as const;
    return testLab.lab.exchange.placeCall({ dialled: '12366', from: '05912001234', hangup });
  };

  /** What was told of the last call. */
  const story = async () => {
    await expect.poll(async () => (await service.records()).at(-1)?.type, { timeout: 5_000 }).toBe('ended');
    const records = await service.records();
    const ended = records.at(-1) as Ended;
    const ofCall = records.filter(({ callId }) => callId === ended.callId);
    return { ended, told: ofCall.flatMap((record) => (record.type === 'recorded' ? [record] : [])) };
  };

  const agentHertz = () => testLab.lab.exchange.hertzOf('12366-fujian-1');

  it('has both voices in a file that is named by the call, and the caller hears no gap', async () => {
    const placed = await place(3_000);
    const { ended, told } = await story();
    expect(told.map(({ state }) => state)).toEqual(['started', 'ended']);
    const [recording] = ended.recordings;
    expect(ended.recordings).toHaveLength(1);
    expect(recording?.file).toBe(`${ended.callId}.wav`);
    const heard = await voicesIn(join(recordingsOf(testLab.lab), recording?.file ?? ''), agentHertz());
    const toldMs = (recording?.toMs ?? 0) - (recording?.fromMs ?? 0);
    expect(toldMs).toBeGreaterThan(2_800);
    expect(Math.abs(heard.lastsMs - toldMs)).toBeLessThan(400);
    expect(heard.agentMs).toBeGreaterThan(toldMs - 500);
    expect(heard.callerMs).toBeGreaterThan(toldMs - 500);
    const { wave } = readWave(await readFile(placed.recording?.file ?? ''));
    expect(toneSpans(wave?.samples ?? new Int16Array(), agentHertz())).toHaveLength(1);
  });

  it('is recorded on while its controller is dead, and the next one ends it with the call', async () => {
    const placing = place(6_000);
    await delay(2_500); // they talk
    await service.killAndRestart();
    await placing;
    const { ended, told } = await story();
    expect(ended).toMatchObject({ by: 'caller', takeovers: 1, recordings: [{ file: `${ended.callId}.wav` }] });
    expect(new Set(told.map(({ state, reason }) => `${state} ${reason}`))).toEqual(
      new Set(['started null', 'ended null']),
    );
    const heard = await voicesIn(join(recordingsOf(testLab.lab), `${ended.callId}.wav`), agentHertz());
    expect(heard.agentMs).toBeGreaterThan(5_500);
    expect(heard.callerMs).toBeGreaterThan(5_500);
  });

  it('is talked to all the same when the disk of the PBX fills up, and that is told', async (test) => {
    const dir = recordingsOf(testLab.lab);
    const small = ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir];
    const isMounted = await run('mount', small).then(
      () => true,
      () => false,
    );
    if (!isMounted) return test.skip('may not mount a small disk');
    const placed = await place(9_000).finally(() => run('umount', ['-l', dir]));
    expect(placed.endedBy).toBe('caller');
    const { ended, told } = await story();
    // FreeSWITCH tells it when the recording ends, which is too late for the records of this call.
    const last = testLab.switchSettings.kind === 'asterisk' ? 'failed broken-off' : 'ended null';
    expect(told.map(({ state, reason }) => `${state} ${reason}`)).toEqual(['started null', last]);
    await expect.poll(() => service.recordings()).toMatchObject({ state: 'failing', failed: 1 });
    const [recording] = ended.recordings;
    expect(recording?.file).toBe(`${ended.callId}.wav`);
    expect(ended.talkedMs).toBeGreaterThan(8_500);
  });

  it('is talked to all the same where the PBX cannot write, and that is told', async () => {
    const blocked = join(dirname(recordingsOf(testLab.lab)), 'blocked');
    await writeFile(blocked, 'a file where a folder should be');
    const recordingsDir = testLab.switchSettings.kind === 'asterisk' ? basename(blocked) : blocked;
    await service.stop();
    service = await serve({
      ...testLab,
      switchSettings: { ...testLab.switchSettings, recordingsDir },
    } as AnyTestLab);
    const before = await readdir(recordingsOf(testLab.lab));
    const placed = await place(1_500);
    expect(placed.endedBy).toBe('caller');
    const { ended, told } = await story();
    expect(told.map(({ state, reason }) => `${state} ${reason}`)).toEqual(['started null', 'failed not-begun']);
    expect(ended).toMatchObject({ by: 'caller', answeredBy: 'seats:12366-fujian', recordings: [] });
    expect(ended.talkedMs).toBeGreaterThan(1_200);
    expect(await readdir(recordingsOf(testLab.lab))).toEqual(before);
  });
});
