/** Which files `hotline dialplan build` makes, for which PBX, and what it puts into them. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hotline, setEnvironment } from './hotline.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-dialplan-'));
});

afterEach(() => rm(folder, { recursive: true }));

const asterisk = `{ name: a, kind: asterisk, url: "http://127.0.0.1:8088", user: u, password: p, app: hotline-a, promptsDir: /a }`;
const freeSwitch = (host: string) =>
  `{ name: f, kind: freeswitch, listen: { host: "${host}" }, eventSocket: { password: p }, promptsDir: /f }`;

const withFifo = `{ name: g, kind: freeswitch, listen: { host: "10.0.0.2" }, eventSocket: { password: p }, promptsDir: /f, queues: fifo }`;

/** @param switches as they stand in the settings. */
const build = async (switches: readonly string[], ...words: readonly string[]) => {
  const settings = join(folder, 'hotline.yaml');
  await writeFile(settings, `switches: [${switches.join(', ')}]`);
  setEnvironment({ HOTLINE_SETTINGS: settings });
  const { code, err } = await hotline('dialplan', 'build', '--out', join(folder, 'out'), ...words);
  const files = await readdir(join(folder, 'out')).catch(() => []);
  return { code, err, files: files.sort() };
};

const read = (name: string) => readFile(join(folder, 'out', name), 'utf8');

const OF_ASTERISK = ['hotline-fallback.conf', 'hotline-globals.conf', 'hotline-queues.conf'];
const OF_FREESWITCH = ['agents', 'fallback', 'queues', 'tiers', 'vars'].map((name) => `hotline-${name}.xml`);
const OF_FIFO = ['fallback', 'fifos', 'vars'].map((name) => `hotline-${name}.xml`);

describe('hotline dialplan build makes files', () => {
  test.for([
    ['both kinds, when the settings name no PBX', [], [], [...OF_ASTERISK, ...OF_FREESWITCH]],
    ['the kind the settings name', [freeSwitch('10.0.0.1')], [], OF_FREESWITCH],
    ['every kind the settings name', [freeSwitch('10.0.0.1'), asterisk], [], [...OF_ASTERISK, ...OF_FREESWITCH]],
    ['the kind that is asked for, whatever the settings name', [asterisk], ['--kind', 'freeswitch'], OF_FREESWITCH],
    ['the module that queues callers, by the settings', [withFifo], [], OF_FIFO],
    ['the module that is asked for', [withFifo, freeSwitch('10.0.0.1')], ['--queues', 'callcenter'], OF_FREESWITCH],
  ] as const)('of %s', async ([, switches, words, expected]) => {
    expect(await build(switches, ...words)).toEqual({ code: 0, err: '', files: [...expected].sort() });
  });

  test('with what the settings say of each PBX', async () => {
    await build([freeSwitch('10.0.0.1'), asterisk]);
    expect(await read('hotline-vars.xml')).toContain('"hotline_controllers=10.0.0.1:8084"');
    expect(await read('hotline-fallback.xml')).toContain('"/f/merged.wav"');
    expect(await read('hotline-globals.conf')).toContain('HOTLINE_APP=hotline-a\n');
    expect(await read('hotline-fallback.conf')).toContain('Playback(/a/merged)');
  });

  test('with what the flags say, first', async () => {
    const flags = ['--controller', '10.0.0.1:8084', '--controller', 'second.example:9', '--prompts', '/p/'];
    await build([freeSwitch('0.0.0.0')], ...flags);
    expect(await read('hotline-vars.xml')).toContain('"hotline_controllers=10.0.0.1:8084|second.example:9"');
    expect(await read('hotline-fallback.xml')).toContain('"/p/merged.wav"');
  });

  test('but none where it is not said what FreeSWITCH is to call', async () => {
    const { code, err, files } = await build([freeSwitch('0.0.0.0')]);
    expect({ code, files }).toEqual({ code: 2, files: [] });
    expect(err).toMatch(/SETTINGS_INVALID: switch f listens at 0\.0\.0\.0, .*--controller/);
  });

  test('nor where two switches queue with a module each, and it is not said which to build for', async () => {
    const { code, err, files } = await build([freeSwitch('10.0.0.1'), withFifo]);
    expect({ code, files }).toEqual({ code: 2, files: [] });
    expect(err).toMatch(/SETTINGS_INVALID: switches queue with callcenter and fifo: .*--queues/);
  });

  test.for([
    ['--kind', 'yate'],
    ['--queues', 'queue'],
    ['--controller', '10.0.0.1'],
    ['--controller', 'a|b:1'],
    ['--prompts', 'relative'],
  ])('nor with %s %s', async (words) => {
    expect(await build([], ...words)).toMatchObject({ code: 2, files: [] });
  });
});
