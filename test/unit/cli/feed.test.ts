/** `hotline feed` and `hotline missed`, as an engineer types them. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { createLogger } from '../../../src/base/log.ts';
import { DeadLetters } from '../../../src/feed/dead-letters.ts';
import { MissedList } from '../../../src/feed/missed/list.ts';
import { sampleStory } from '../feed/sample-story.ts';
import { type Ended, hotline as run, setEnvironment } from './hotline.ts';

let folder: string;
let settings: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-feed-cli-'));
  settings = join(folder, 'hotline.yaml');
  await write({});
  const other = sampleStory.map((each) => ({ ...each, callId: 'pbx1-2', number: '12301', unit: '省文旅厅' }));
  await writeFile(records(), [...sampleStory, ...other].map((each) => `${JSON.stringify(each)}\n`).join(''));
});
afterEach(() => rm(folder, { recursive: true }));

const records = (): string => join(folder, 'records.ndjson');
const spool = (): string => join(folder, 'records.spool');
const write = (feed: object): Promise<void> => writeFile(settings, stringify({ records: records(), feed }));

const hotline = (...words: readonly string[]): Promise<Ended> => {
  setEnvironment({ HOTLINE_SETTINGS: settings });
  return run(...words);
};

async function platform(status: () => number = () => 204) {
  const came: { callId: string; seq: number }[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const code = status();
    if (code === 204) came.push(...JSON.parse(Buffer.concat(pieces).toString()).records);
    response.writeHead(code).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { came, sink: { name: 'platform', kind: 'http', url, secret: 'a secret of sixteen or more', batch: 4 } };
}

describe('hotline feed replay', () => {
  test('sends a period once more, to each sink its own numbers', async () => {
    const { came, sink } = await platform();
    const file = join(folder, 'unit.ndjson');
    await write({ sinks: [sink, { name: 'unit', kind: 'file', path: file, unit: '省文旅厅' }] });
    const { code, out } = await hotline(
      'feed',
      'replay',
      '--since',
      '2026-10-01T01:00:10Z',
      '--until',
      '2026-10-01T01:01:30Z',
    );
    expect({ code, out }).toEqual({ code: 0, out: 'platform: 8 records sent\nunit: 4 records sent\n' });
    expect(came.map(({ callId, seq }) => `${callId} ${seq}`)).toEqual([
      ...[4, 5, 6, 7].map((seq) => `pbx1-1760000000.42 ${seq}`),
      ...[4, 5, 6, 7].map((seq) => `pbx1-2 ${seq}`),
    ]);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).callId)).toEqual(Array(4).fill('pbx1-2'));
  });

  test('says where to go on when the sink stops taking records, and answers 3', async () => {
    let many = 0;
    const { sink } = await platform(() => (++many > 1 ? 503 : 204));
    await write({ sinks: [{ ...sink, retry: { firstSeconds: 0.01, mostSeconds: 0.02 } }] });
    const { code, out, err } = await hotline('feed', 'replay', '--since', '2026-10-01');
    expect({ code, out }).toEqual({ code: 3, out: 'platform: 4 records sent\n' });
    expect(err).toBe('platform: HTTP 503; once it is back, go on with --since 2026-10-01T01:00:20.030Z\n');
  });

  test('answers 2 without a sink, and for one that is not there', async () => {
    expect((await hotline('feed', 'replay', '--since', '2026-10-01')).err).toContain('feed.sinks names no sink');
    await write({ sinks: [(await platform()).sink] });
    const other = await hotline('feed', 'replay', '--since', '2026-10-01', '--sink', 'nobody');
    expect(other).toMatchObject({ code: 2, err: 'error SETTINGS_INVALID: no sink nobody; there are: platform\n' });
  });
});

test('hotline feed dead shows what was given up, and sends it again when told', async () => {
  const { came, sink } = await platform();
  await write({ sinks: [sink] });
  await new DeadLetters(spool()).add('platform', [JSON.stringify(sampleStory[0])], 'HTTP 500', new Date(0));
  const shown = await hotline('feed', 'dead');
  expect(shown).toMatchObject({
    code: 1,
    out: '1970-01-01T00:00:00.000Z  platform: pbx1-1760000000.42 0 arrived: HTTP 500\n',
  });
  expect(await hotline('feed', 'dead', '--retry')).toMatchObject({ code: 0, out: 'platform: 1 sent, 0 left\n' });
  expect(came).toHaveLength(1);
  expect(await hotline('feed', 'dead')).toMatchObject({ code: 0, out: 'nothing was given up\n' });
});

describe('hotline feed status', () => {
  test('answers 3 where no feed is kept', async () => {
    expect((await hotline('feed', 'status')).code).toBe(3);
  });
});

test('hotline feed verify prints what is missing on either side, callers masked, and answers 1', async () => {
  const cdr = join(folder, 'hotline.csv');
  const line = (id: string) =>
    `"${id}","${id}","1790816400.5","hotline-in","12301","05910000001","ANSWERED","PJSIP/a"\n`;
  await writeFile(cdr, line('1760000000.42') + line('3'));
  await write({ cdr: [cdr] });
  const { code, out } = await hotline('feed', 'verify', '--since', '2026-10-01T01:00:00Z');
  expect({ code, out }).toEqual({
    code: 1,
    out:
      'not in the feed: 3 at 2026-10-01T01:00:00.500Z, to 12301 from 0591****0001\n' +
      'not at the PBX: 2 at 2026-10-01T01:00:00.000Z, to 059212333 from 0592****1234\n' +
      '1 calls on both sides and whole, 0 still up; 1 missing in the feed, 1 at the PBX, 0 not whole\n',
  });
  await writeFile(cdr, line('1760000000.42') + line('2'));
  expect((await hotline('feed', 'verify', '--since', '2026-10-01T01:00:00Z')).code).toBe(0);
});

test('hotline missed lists callers to call back, and closes one', async () => {
  const log = createLogger('silent');
  const keptMs = 86_400_000;
  const now = () => Date.parse('2026-10-01T02:00:00Z');
  const open = () => new MissedList({ dir: spool(), records: records(), redis: undefined, keptMs, now, log });
  const list = open();
  await writeFile(
    records(),
    sampleStory
      .filter(({ type }) => type !== 'answered' && type !== 'ended')
      .map((each) => JSON.stringify(each))
      .join('\n'),
  );
  await list.list();
  for (const record of sampleStory) if (record.type === 'missed') list.take(record);
  await list.stop();
  const { code, out } = await hotline('missed');
  const id = 'pbx1-1760000000.42';
  expect({ code, out }).toEqual({
    code: 0,
    out: `05922001234  wanted 12333 (省人社厅, xiamen) at 2026-10-01T01:01:30.000Z: nobody answered  [${id}]\n`,
  });
  expect(JSON.parse((await hotline('missed', '--json')).out)).toMatchObject([{ id, attempts: 1 }]);
  expect(await hotline('missed', 'close', id)).toMatchObject({ code: 0, out: 'closed: 05922001234 to 12333\n' });
  expect((await hotline('missed')).out).toBe('nobody is to be called back\n');
  expect((await hotline('missed', 'close', id)).code).toBe(1);
  const again = open();
  expect(await again.list()).toEqual([]);
  await again.stop();
});
