/** What can be said of the images without an engine. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { freeSwitchFiles } from '../../src/dialplan/freeswitch/files.ts';
import type { Table } from '../../src/routing/table.ts';
import { readSettings, requireFilledIn } from '../../src/settings/settings.ts';
import { loadTable } from '../../src/tables/source/sources.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

const service = z.strictObject({
  profiles: z.array(z.literal('freeswitch')).optional(),
  image: z.string(),
  entrypoint: z.array(z.string()).optional(),
  networks: z.record(z.string(), z.strictObject({ ipv4_address: z.string().optional() })).optional(),
  build: z.strictObject({ context: z.literal('..'), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.record(z.string(), z.unknown()),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
});
const composeShape = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ ipam: z.unknown() })),
  volumes: z.record(z.string(), z.null()),
});

const { services, volumes } = composeShape.parse(parse(await read('docker/compose.yaml')));

test('the controller is given time to give its callers back before it is killed', async () => {
  const { drainSeconds } = readSettings({
    HOTLINE_SETTINGS: join(root, 'docker/hotline.yaml'),
    HOTLINE_ARI_PASSWORD: 'x',
  }).stop;
  expect(Number.parseInt(services.controller?.stop_grace_period ?? '10', 10)).toBeGreaterThan(drainSeconds + 7);
});

test('what is published is published on loopback only', () => {
  for (const { ports } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('nothing starts without a password, and none is written down', () => {
  for (const name of ['prepare', 'asterisk', 'controller'])
    expect(services[name]?.environment?.HOTLINE_ARI_PASSWORD).toMatch(/^\$\{HOTLINE_ARI_PASSWORD:\?/);
});

test('every volume, service, file and folder that is named is there', () => {
  for (const { volumes: mounts, build, depends_on } of Object.values(services)) {
    for (const mount of mounts) {
      const source = mount.split(':')[0] ?? '';
      if (source.startsWith('.')) expect(existsSync(join(root, 'docker', source))).toBe(true);
      else expect(Object.keys(volumes)).toContain(source);
    }
    if (build) expect(existsSync(join(root, build.dockerfile))).toBe(true);
    for (const other of Object.keys(depends_on)) expect(Object.keys(services)).toContain(other);
  }
});

test("the controller's settings are good, once the password is known", () => {
  const environment = { HOTLINE_SETTINGS: join(root, 'docker/hotline.yaml'), HOTLINE_ARI_PASSWORD: 'secret' };
  const settings = readSettings(environment);
  expect(() => requireFilledIn(settings)).not.toThrow();
  expect(settings.switches[0]).toMatchObject({ url: 'http://asterisk:8088' });
  expect(settings.prompts.dir).toBe(settings.switches[0]?.promptsDir);
});

test("FreeSWITCH's profile asks nothing of whoever does not use it, and does not start without a password", async () => {
  const ofProfile = Object.values(services).filter(({ profiles }) => profiles !== undefined);
  expect(ofProfile).toHaveLength(2);
  for (const each of ofProfile) expect(JSON.stringify(each)).not.toContain(':?');
  expect(await read('docker/freeswitch/start.sh')).toContain(`"\${HOTLINE_ESL_PASSWORD:?`);
  const settings = readSettings({ HOTLINE_SETTINGS: join(root, 'docker/hotline-freeswitch.yaml') });
  expect(() => requireFilledIn(settings)).toThrow('HOTLINE_ESL_PASSWORD');
});

test('FreeSWITCH and its controller are told the addresses that they have', async () => {
  const addressOf = (name: string) => services[name]?.networks?.freeswitch?.ipv4_address;
  const { switches } = readSettings({ HOTLINE_SETTINGS: join(root, 'docker/hotline-freeswitch.yaml') });
  const [pbx] = switches.filter((each) => each.kind === 'freeswitch');
  expect(pbx?.eventSocket.host).toBe(addressOf('freeswitch'));
  expect(pbx?.listen.accept).toEqual([addressOf('freeswitch')]);
  expect(services.prepare?.command?.at(-1)).toContain(`--controller ${addressOf('controller-freeswitch')}:8084`);
  expect(await read('docker/freeswitch/freeswitch.xml')).toContain(`"${addressOf('controller-freeswitch')}/32"`);
});

test('what FreeSWITCH includes is mounted or made', async () => {
  const text = await read('docker/freeswitch/freeswitch.xml');
  const included = [...text.matchAll(/cmd="include" data="([^"]+)"/g)].map(([, file = '']) => file);
  const mounted = services.freeswitch?.volumes.map((mount) => mount.split(':')[1]) ?? [];
  const places = {
    controllers: [],
    promptsDir: '/var/lib/hotline/prompts',
    queues: 'callcenter',
    at: new Date(0),
  } as const;
  const { table } = (await loadTable(join(root, 'config/routes.yaml'))) as { table: Table };
  const made = Object.keys(freeSwitchFiles(table, places)).map((name) => `/var/lib/hotline/dialplan/${name}`);
  const own = ['acl', 'gateways', 'phones'].map((name) => `/etc/hotline/own/${name}.xml`);
  expect([...included].sort()).toEqual([...made, ...own, '/etc/hotline/hotline.xml'].sort());
  expect(mounted).toContain('/etc/hotline/hotline.xml');
});

test('every file the images copy is there, and neither image runs as root', async () => {
  const names = (await readdir(join(root, 'docker'))).filter((name) => name.endsWith('.Dockerfile'));
  for (const name of names) {
    const lines = (await read(join('docker', name))).split('\n');
    const sources = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1))
      .filter((word) => !word.startsWith('--'));
    for (const source of sources) expect(existsSync(join(root, source.replace('/*.conf', '')))).toBe(true);
    expect(lines.findLast((line) => line.startsWith('USER '))).toMatch(/^USER (node|asterisk)$/);
  }
});
