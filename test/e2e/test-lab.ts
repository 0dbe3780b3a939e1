/** A lab with prompts of its own, for tests that need the real PBX. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FreeSwitchLab, type Lab, type LabOf, startFreeSwitchLab, startLab } from '../../src/lab/lab.ts';
import type { Refers } from '../../src/lab/pbx/freeswitch-files.ts';
import type { Table } from '../../src/routing/table.ts';
import type { AsteriskSwitchSettings, FreeSwitchSwitchSettings } from '../../src/settings/switches.ts';
import { loadTable } from '../../src/tables/source/sources.ts';
import { makePrompt, makePrompts } from './made-prompts.ts';

export interface TestLab {
  readonly lab: Lab;
  readonly table: Table;
  /** What a controller needs to serve the lab's PBX. */
  readonly switchSettings: AsteriskSwitchSettings;
}

/** The same with a FreeSWITCH. */
export interface FreeSwitchTestLab {
  readonly lab: FreeSwitchLab;
  readonly table: Table;
  readonly switchSettings: FreeSwitchSwitchSettings;
}

export type AnyTestLab = TestLab | FreeSwitchTestLab;

export async function goodTable(file = 'config/routes.yaml'): Promise<Table> {
  const { table, problems } = await loadTable(file);
  if (table === undefined) throw new Error(`${file} is not good: ${JSON.stringify(problems)}`);
  return table;
}

export async function openTestLab(table?: Table): Promise<TestLab> {
  const good = table ?? (await goodTable());
  const lab = await startLab({ table: good, ownPrompts: true });
  await makePrompts(lab.promptsDir, good.prompts.values());
  const { ariUrl, ari } = lab.pbx;
  const place = { name: 'lab', kind: 'asterisk', url: ariUrl, app: 'hotline', promptsDir: lab.promptsPbxDir } as const;
  return { lab, table: good, switchSettings: { ...place, user: ari.user, password: ari.password } };
}

/** `FREESWITCH_QUEUES=fifo`: every suite runs on a FreeSWITCH whose callers wait in mod_fifo. */
const queues = process.env.FREESWITCH_QUEUES === 'fifo' ? 'fifo' : 'callcenter';

export interface FreeSwitchTestLabOptions {
  readonly table?: Table;
  /** Which of the addresses its dialplan tries is the controller's. */
  readonly controller?: number;
  readonly refers?: Refers;
}

/** @param home where FreeSWITCH is installed. */
export async function openFreeSwitchTestLab(
  home: string,
  { table, controller = 0, refers }: FreeSwitchTestLabOptions = {},
): Promise<FreeSwitchTestLab> {
  const good = table ?? (await goodTable());
  const lab = await startFreeSwitchLab({ table: good, ownPrompts: true }, home, queues, refers);
  await makePrompts(lab.promptsDir, good.prompts.values());
  const listen = { host: '', port: 0, ...lab.pbx.controllers[controller], accept: ['127.0.0.1'] };
  const { eventSocket } = lab.pbx;
  return {
    lab,
    table: good,
    switchSettings: {
      name: 'lab',
      kind: 'freeswitch',
      listen,
      eventSocket,
      promptsDir: lab.promptsDir,
      queues,
      recordingsDir: recordingsOf(lab),
    },
  };
}

/** The usual table with a caller's patience cut short. */
export const impatientTable = async (ringSeconds: number, waitSeconds: number): Promise<Table> =>
  goodTable(await impatientTableFile(ringSeconds, waitSeconds));

/** Its file, for a service. */
export async function impatientTableFile(ringSeconds: number, waitSeconds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-table-'));
  const text = await readFile('config/routes.yaml', 'utf8');
  const file = join(folder, 'routes.yaml');
  await writeFile(
    file,
    text
      .replace(/ringSeconds: 20/g, `ringSeconds: ${ringSeconds}`)
      .replace(/waitSeconds: 120/g, `waitSeconds: ${waitSeconds}`),
  );
  return file;
}

/** Has a prompt last exactly so long. */
export const setPromptLength = (lab: LabOf<unknown>, prompt: string, seconds: number): Promise<void> =>
  makePrompt(lab.promptsDir, prompt, seconds);

/** Where the PBX writes recordings, on this host. */
export const recordingsOf = (lab: Lab | FreeSwitchLab): string =>
  join(lab.pbx.folder, 'ariUrl' in lab.pbx ? 'spool/recording/hotline' : 'recordings/hotline');

/** Channels, and bridges, that the PBX still has. */
export function leftoversOf(lab: Lab | FreeSwitchLab): Promise<readonly string[]> {
  return 'ariUrl' in lab.pbx ? asteriskLeftovers(lab.pbx) : freeSwitchLeftovers(lab.pbx);
}

async function asteriskLeftovers(pbx: Lab['pbx']): Promise<readonly string[]> {
  const [channels, bridges] = await Promise.all([pbx.cli('core show channels concise'), pbx.cli('bridge show all')]);
  const names = [...channels.split('\n'), ...bridges.split('\n').slice(1)];
  return names.map((line) => line.trim()).filter((line) => line !== '');
}

async function freeSwitchLeftovers(pbx: FreeSwitchLab['pbx']): Promise<readonly string[]> {
  const channels = await pbx.cli('show channels');
  return channels.split('\n').filter((line) => line.includes(',') && !line.startsWith('uuid,'));
}

/** Has every channel of the PBX say so of its call: a word without spaces and quotes. */
export async function setMemory({ pbx }: Lab | FreeSwitchLab, memory: string): Promise<void> {
  const isAsterisk = 'ariUrl' in pbx;
  const list = await pbx.cli(isAsterisk ? 'core show channels concise' : 'show channels');
  const ids = [...list.matchAll(isAsterisk ? /^(PJSIP[^!]+)!/gm : /^([\da-f-]{36}),/gm)].map(([, id]) => id);
  for (const id of ids)
    await pbx.cli(
      isAsterisk ? `dialplan set chanvar ${id} HOTLINE_MEMORY ${memory}` : `uuid_setvar ${id} hotline_memory ${memory}`,
    );
}
