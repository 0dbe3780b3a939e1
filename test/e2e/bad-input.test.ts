/** What is wrong outside must not hurt inside: strangers, malformed callers, missing audio, and services that refuse. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callAndReport } from '../../src/lab/report.ts';
import { startController, type TestController } from './controller.ts';
import { spawnService, writeSettings } from './service.ts';
import { leftoversOf, openTestLab, setPromptLength, type TestLab } from './test-lab.ts';

let testLab: TestLab;

beforeAll(async () => {
  testLab = await openTestLab();
  await setPromptLength(testLab.lab, 'merged', 2);
});

afterAll(() => testLab?.lab.stop());

describe('a call that is not as it should be', () => {
  let controller: TestController;

  beforeAll(async () => {
    controller = await startController(testLab);
  });

  afterEach(async () => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 5_000 }).toEqual([]);
  });

  afterAll(() => controller.stop());

  it.each(['99999', '12345', '01012333', '123333', '059112399', '+8613800000000', '12333;drop', '12333,x'])(
    'to %s gets SIP 404, and nothing is dialled',
    async (dialled) => {
      const placed = await testLab.lab.exchange.placeCall({ dialled, record: false, limitMs: 5_000 });
      expect(placed.cause).toBe(1);
      expect(placed.answeredMs).toBeNull();
      expect(placed.agents).toEqual([]);
    },
  );

  it('to 12350’s duty phone by its destination name reaches nothing', async () => {
    const placed = await testLab.lab.exchange.placeCall({ dialled: '12350-duty', record: false, limitMs: 5_000 });
    expect(placed.answeredMs).toBeNull();
  });

  it.each([
    ['withheld', null],
    ['of letters', 'robert'],
    ['too long', '1'.repeat(60)],
    ['with a quote', '0592"2001234'],
    ['from abroad', '+4930123456'],
  ])('from a caller that is %s still reaches the queue', async (_, from) => {
    const report = await callAndReport(testLab.lab, testLab.table, { dialled: '12301', from, limitMs: 20_000 });
    expect(report.reached).toBe('queue:12345-province');
    expect(report.agentSaw?.name).toBe('12301 福建省');
  });

  it('whose prompt was deleted under the running service still reaches the queue', async () => {
    for (const file of ['merged.wav', 'merged.wav16']) await rm(join(testLab.lab.promptsDir, file));
    const report = await callAndReport(testLab.lab, testLab.table, { dialled: '059112301', limitMs: 20_000 });
    expect(report.heard).toEqual([]);
    expect(report.reached).toBe('queue:12345-fuzhou');
    expect(controller.records.find((record) => record.type === 'prompted' && record.result === 'failed')).toBeDefined();
  });
});

describe('a service that cannot start', () => {
  const ended = async (child: ChildProcess): Promise<{ code: number | null; errors: string }> => {
    let errors = '';
    child.stderr?.on('data', (piece: Buffer) => {
      errors += piece.toString();
    });
    await once(child, 'close');
    return { code: child.exitCode, errors };
  };

  const start = async (settings: object): Promise<ChildProcess> =>
    spawnService(await writeSettings(await mkdtemp(join(tmpdir(), 'hotline-bad-')), settings));

  const oneLine = (errors: string, code: string): void => {
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toMatch(new RegExp(`^error ${code}: `));
  };

  it('says in one line that the ARI password is wrong, and ends', async () => {
    const { code, errors } = await ended(await start({ switches: [{ ...testLab.switchSettings, password: 'wrong' }] }));
    oneLine(errors, 'SWITCH_REFUSED');
    expect(code).toBe(3);
  });

  it('says in one line that its port is taken, and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const http = { port: (other.address() as AddressInfo).port };
    const { code, errors } = await ended(await start({ switches: [testLab.switchSettings], http }));
    oneLine(errors, 'PORT_TAKEN');
    expect(code).toBe(3);
    other.close();
  });

  it('says in one line what a setting should be, and ends', async () => {
    const { code, errors } = await ended(await start({ switches: [{ ...testLab.switchSettings, url: 'nowhere' }] }));
    oneLine(errors, 'SETTINGS_INVALID');
    expect(code).toBe(2);
  });

  it('waits for a PBX that is not there yet, and serves it when it comes', async () => {
    const early = createServer((_, response) => response.writeHead(503).end());
    early.listen(0, '127.0.0.1');
    await once(early, 'listening');
    const url = `http://127.0.0.1:${(early.address() as AddressInfo).port}`;
    early.close();
    await once(early, 'close');
    const child = await start({ switches: [{ ...testLab.switchSettings, url }] });
    const tries = Promise.withResolvers<void>();
    let text = '';
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (text.split('cannot be reached yet').length > 3) tries.resolve();
    });
    await tries.promise;
    expect(child.exitCode).toBeNull();
    const proxy = spawn(process.execPath, ['-e', FORWARD, new URL(url).port, new URL(testLab.switchSettings.url).port]);
    await expect.poll(() => text.includes('connected to the PBX'), { timeout: 10_000 }).toBe(true);
    child.kill();
    proxy.kill();
    await once(child, 'close');
  });
});

/** Passes connections from one loopback port to another. */
const FORWARD = `const net = require('node:net'); const [from, to] = process.argv.slice(1).map(Number);
net.createServer((a) => { const b = net.connect(to, '127.0.0.1'); a.pipe(b).pipe(a); a.on('error', () => {}); b.on('error', () => {}); }).listen(from, '127.0.0.1');`;
