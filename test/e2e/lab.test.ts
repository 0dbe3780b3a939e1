/** The lab itself, before anything is believed that it measures: a caller, a PBX that obeys this file, agents. */
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../../src/lab/lab.ts';
import { type Ari, connectAri } from '../../src/lab/pbx/ari.ts';
import { callAndReport } from '../../src/lab/report.ts';
import { mix, SAMPLES_PER_MS, sine } from '../../src/lab/sound/sound.ts';
import { writeWave } from '../../src/prompts/wave.ts';
import { tinyTable } from '../unit/lab/tiny-table.ts';

const table = tinyTable();
let lab: Lab;
let ari: Ari;
/** Channels that have left. */
const gone = new Set<string>();

/** Two sounds no tone of the lab is like. */
const chirp = (from: number, step: number): Int16Array => {
  const pieces = Array.from({ length: 20 }, (_, i) =>
    mix(sine(from + step * (i % 7), 100), sine(from * 1.37 + step * (i % 5), 100)),
  );
  const all = new Int16Array(20 * 100 * SAMPLES_PER_MS);
  for (const [i, piece] of pieces.entries()) all.set(piece, i * piece.length);
  return all;
};

/** Answers, says the prompt, then dials the queue: the least that is a hotline. */
const serve = (dial: string): (() => void) =>
  ari.on(async (event) => {
    const id = event.channel?.id ?? '';
    if (event.type === 'StasisStart' && event.args?.[0] === 'arrived') {
      await ari.send('POST', `channels/${id}/answer`);
      await ari.send('POST', `bridges/b-${id}`, { type: 'mixing' });
      await ari.send('POST', `bridges/b-${id}/addChannel`, { channel: id });
      await ari.send('POST', `channels/${id}/play/p-${id}`, { media: `sound:${lab.promptsPbxDir}/merged` });
    }
    if (event.type === 'PlaybackFinished') await dialFrom(event.playback?.id.slice(2) ?? '', dial);
    if (event.type === 'StasisStart' && event.args?.[0] === 'leg') await joinAndDial(event.args[1] ?? '', id);
    if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') await hangUpTheOther(id);
  });

const dialFrom = async (caller: string, dial: string): Promise<void> => {
  // Without an originator a Local channel runs at 192 kHz, and its sound is lost every other time.
  const query = {
    endpoint: dial,
    app: 'hotline',
    appArgs: `leg,${caller}`,
    channelId: `leg-${caller}`,
    originator: caller,
  };
  const variables = {
    'CONNECTEDLINE(num,i)': '05922001234',
    'CONNECTEDLINE(name,i)': '12301 厦门',
    __HOTLINE_NUMBER: '12301',
    HOTLINE_WAIT: '20',
  };
  await ari.send('POST', 'channels/create', query, { variables });
};

/** A caller who hung up meanwhile cannot be joined, and nobody is rung for them. */
const joinAndDial = async (caller: string, leg: string): Promise<void> => {
  const joined = await ari.send('POST', `bridges/b-${caller}/addChannel`, { channel: leg });
  if (joined.status >= 300 || gone.has(caller)) await ari.send('DELETE', `channels/${leg}`);
  else await ari.send('POST', `channels/${leg}/dial`, { timeout: 20 });
};

const hangUpTheOther = async (id: string): Promise<void> => {
  gone.add(id);
  const caller = id.replace(/^leg-/, '');
  await ari.send('DELETE', `channels/${id.startsWith('leg-') ? caller : `leg-${caller}`}`);
  await ari.send('DELETE', `bridges/b-${caller}`);
};

beforeAll(async () => {
  lab = await startLab({ table, ownPrompts: true });
  await writeFile(join(lab.promptsDir, 'merged.wav'), writeWave({ rate: 8000, samples: chirp(310, 53) }));
  await writeFile(join(lab.promptsDir, 'busy.wav'), writeWave({ rate: 8000, samples: chirp(270, 71) }));
  ari = await connectAri(lab.pbx.ariUrl, lab.pbx.ari, 'hotline');
});

afterAll(async () => {
  ari?.close();
  await lab?.stop();
});

test('a call tells which prompt was heard, which agent, and how long it took', async () => {
  const stop = serve('Local/12345-xiamen@hotline-queue/n');
  const report = await callAndReport(lab, table, { dialled: '12301', from: '05922001234', limitMs: 15_000 });
  stop();
  if (report.reached === null) console.log(JSON.stringify(report));
  expect(report.heard.map(({ prompt }) => prompt)).toEqual(['merged']);
  expect(report.heard[0]?.match).toBeGreaterThan(0.8);
  expect(report.reached).toBe('queue:12345-xiamen');
  expect(report.waitedMs).toBeGreaterThan(2900);
  expect(report.waitedMs).toBeLessThan(3700);
  expect(report.agentSaw).toMatchObject({ number: '05922001234', hotline: '12301' });
  expect(report.endedBy).toBe('caller');
});

test('what the PBX refuses comes back with its cause', async () => {
  const placed = await lab.exchange.placeCall({ dialled: 'stranger', record: false, limitMs: 15_000 });
  expect(placed).toMatchObject({ answeredMs: null, cause: 1, endedBy: 'hotline', agents: [] });
});

test.each([
  ['busy', 17],
  ['reject', 21],
  ['unreachable', 19],
] as const)('a phone that is %s is seen as that', async (behaviour, cause) => {
  lab.exchange.setAgent('seat-12333-1', { do: behaviour });
  const ended = new Promise<number | undefined>((resolve) => {
    const off = ari.on((event) => {
      if (event.type !== 'ChannelDestroyed' || !event.channel?.id.startsWith('leg-')) return;
      off();
      resolve(event.cause);
    });
  });
  const stop = serve('PJSIP/seat-12333-1');
  const placed = await lab.exchange.placeCall({ dialled: '12301', record: false, limitMs: 15_000 });
  stop();
  lab.exchange.setAgent('seat-12333-1', undefined);
  expect(await ended).toBe(cause);
  expect(placed.agents).toMatchObject([{ phone: 'seat-12333-1', answeredMs: null, hungUp: true }]);
});

test('the caller hangs up at the moment asked for', async () => {
  const stop = serve('PJSIP/seat-12333-1');
  const inPrompt = await lab.exchange.placeCall({
    dialled: '12301',
    record: false,
    hangup: { after: 'prompt', ms: 500 },
  });
  const inRinging = await lab.exchange.placeCall({
    dialled: '12301',
    record: false,
    hangup: { after: 'ringing', ms: 300 },
  });
  stop();
  expect(inPrompt).toMatchObject({ endedBy: 'caller', agents: [] });
  expect(inRinging).toMatchObject({ endedBy: 'caller', agents: [{ answeredMs: null }] });
});

test('an agent who hangs up ends the call', async () => {
  lab.exchange.setAgent('seat-12333-1', { do: 'answer', afterMs: 100, hangupAfterMs: 600 });
  const stop = serve('PJSIP/seat-12333-1');
  const placed = await lab.exchange.placeCall({ dialled: '12301', recordAgents: true, limitMs: 15_000 });
  stop();
  lab.exchange.setAgent('seat-12333-1', undefined);
  expect(placed.endedBy).toBe('agent');
  const [agent] = placed.agents;
  expect(agent?.recording).not.toBeNull();
  expect((await readFile(agent?.recording?.file ?? '')).length).toBeGreaterThan(4000);
});

/** Addresses of the sockets of a process, as /proc has them: hexadecimal, little-endian. */
const offLoopback = async (pid: number): Promise<string[]> => {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(
    ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  const rows = tables.flatMap((text) => text.split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return rows
    .filter((row) => inodes.has(row[9] ?? ''))
    .map((row) => row[1] ?? '')
    .filter((address) => !address.startsWith('0100007F:'));
};

test('nothing of the PBX listens off loopback', async () => {
  expect(await offLoopback(lab.pbx.pid)).toEqual([]);
});

test('two labs live side by side', async () => {
  const other = await startLab({ table, ownPrompts: true });
  const placed = await other.exchange.placeCall({ dialled: 'stranger', record: false, limitMs: 15_000 });
  await other.stop();
  expect(placed.cause).toBe(1);
  expect(other.pbx.sipPort).not.toBe(lab.pbx.sipPort);
});
