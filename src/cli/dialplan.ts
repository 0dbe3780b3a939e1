/** `hotline dialplan build`: the files an engineer includes in the PBX, made from the table. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { SettingsError } from '../base/errors.ts';
import { makeFolder, orUnwritable, writeWhole } from '../base/files.ts';
import { fromProject } from '../base/project.ts';
import { asteriskFiles } from '../dialplan/asterisk/files.ts';
import { freeSwitchFiles } from '../dialplan/freeswitch/files.ts';
import { QUEUE_ENGINES, type QueueEngineName } from '../dialplan/freeswitch/queues.ts';
import type { Table } from '../routing/table.ts';
import { readSettings } from '../settings/settings.ts';
import type { AsteriskSwitchSettings, FreeSwitchSwitchSettings, SwitchSettings } from '../settings/switches.ts';
import { type AddCommand, type ExitCode, type JsonFlag, print, type Terminal } from './command.ts';
import { chosenTable, loadGoodTable, namedFile, TABLE_FLAG, TABLE_HELP, type TableFlag } from './table.ts';

const KINDS = ['asterisk', 'freeswitch'] as const;
type Kind = (typeof KINDS)[number];

interface BuildFlags extends TableFlag, JsonFlag {
  readonly kind?: readonly Kind[];
  readonly out?: string;
  readonly app?: readonly string[];
  readonly controller?: readonly string[];
  readonly prompts?: string;
  readonly queues?: QueueEngineName;
}

/** What became of one file. */
interface Outcome {
  readonly file: string;
  readonly how: 'written' | 'unchanged';
}

/** Where `docs/pbx-asterisk.md` and the images put them, for a table that no switch is set up for yet. */
const PROMPTS_AS_PBX_SEES_THEM = '/var/lib/hotline/prompts';

const parseApp = (text: string, before: readonly string[] = []): readonly string[] => {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return [...new Set([...before, text])];
  throw new InvalidArgumentError('Letters, digits, _ and - only.');
};

const parseController = (text: string, before: readonly string[] = []): readonly string[] => {
  if (/^[A-Za-z0-9.-]+:[0-9]{1,5}$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('host:port, such as 10.0.0.1:8084.');
};

const parseKind = (text: string, before: readonly Kind[] = []): readonly Kind[] => {
  const kind = KINDS.find((each) => each === text);
  if (kind !== undefined) return [...before, kind];
  throw new InvalidArgumentError(`One of ${KINDS.join(', ')}.`);
};

const parseQueues = (text: string): QueueEngineName => {
  if (Object.hasOwn(QUEUE_ENGINES, text)) return text as QueueEngineName;
  throw new InvalidArgumentError(`One of ${Object.keys(QUEUE_ENGINES).join(', ')}.`);
};

/** What a dialplan would read as its own must not be in a path. */
const parsePromptsDir = (text: string): string => {
  if (/^\/[\p{L}\p{N} ._/-]*$/u.test(text)) return text.replace(/(?<=.)\/+$/, '');
  throw new InvalidArgumentError('An absolute path of letters, digits, space, . _ and - only.');
};

const promptsDirOf = ({ prompts }: BuildFlags, [first]: readonly SwitchSettings[]): string =>
  prompts ?? parsePromptsDir(first?.promptsDir ?? PROMPTS_AS_PBX_SEES_THEM);

const distinct = (texts: readonly string[], without: string): readonly string[] =>
  texts.length === 0 ? [without] : [...new Set(texts)];

const forAsterisk = (table: Table, flags: BuildFlags, switches: readonly AsteriskSwitchSettings[]) => {
  const apps =
    flags.app ??
    distinct(
      switches.map(({ app }) => app),
      'hotline',
    );
  return asteriskFiles(table, { apps, promptsDir: promptsDirOf(flags, switches), at: new Date() });
};

/** The address a controller listens at is the one FreeSWITCH calls, unless it listens at every address it has. */
const addressOf = ({ name, listen: { host, port } }: FreeSwitchSwitchSettings): string => {
  if (host !== '0.0.0.0' && host !== '::') return `${host}:${port}`;
  throw new SettingsError(`switch ${name} listens at ${host}, where nobody can call: tell its address by --controller`);
};

/** All files of a kind go to one folder, so they are of one module's queues. */
const queuesOf = ({ queues }: BuildFlags, switches: readonly FreeSwitchSwitchSettings[]): QueueEngineName => {
  if (queues !== undefined) return queues;
  const [first = 'callcenter', ...others] = new Set(switches.map((each) => each.queues));
  if (others.length === 0) return first;
  throw new SettingsError(
    `switches queue with ${[first, ...others].join(' and ')}: build for one by --queues and --out`,
  );
};

const forFreeSwitch = (table: Table, flags: BuildFlags, switches: readonly FreeSwitchSwitchSettings[]) => {
  const controllers = flags.controller ?? distinct(switches.map(addressOf), '127.0.0.1:8084');
  const [promptsDir, queues] = [promptsDirOf(flags, switches), queuesOf(flags, switches)];
  return freeSwitchFiles(table, { controllers, promptsDir, queues, at: new Date() });
};

/** Each kind has a guide of its own, and a folder beside what is written by hand. */
const guideOf = (kind: Kind): string => `docs/pbx-${kind}.md`;
const folderOf = (kind: Kind): string => fromProject(`dialplan/${kind}/generated`);

type Files = Readonly<Record<string, string>>;

/**
 * File name → text, by kind: the kinds asked for, else those the settings name, else all. The switches of the settings
 * speak for whatever no flag says.
 */
const filesOf = (table: Table, flags: BuildFlags): ReadonlyMap<Kind, Files> => {
  const { switches } = readSettings(process.env);
  const asterisk = switches.filter((each) => each.kind === 'asterisk');
  const freeswitch = switches.filter((each) => each.kind === 'freeswitch');
  const make: Record<Kind, () => Files> = {
    asterisk: () => forAsterisk(table, flags, asterisk),
    freeswitch: () => forFreeSwitch(table, flags, freeswitch),
  };
  const named = KINDS.filter((kind) => switches.some((each) => each.kind === kind));
  const kinds = flags.kind ?? (named.length === 0 ? KINDS : named);
  return new Map(kinds.map((kind) => [kind, make[kind]()]));
};

const write = async (file: string, text: string): Promise<Outcome> => {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return { file, how: 'unchanged' };
  await orUnwritable(file, writeWhole(file, text));
  return { file, how: 'written' };
};

const writeAll = async (folder: string, files: Files): Promise<Outcome[]> => {
  await orUnwritable(folder, makeFolder(folder));
  return Promise.all(Object.entries(files).map(([name, text]) => write(join(folder, name), text)));
};

/** Makes the files of one table; a table that is not good changes nothing. */
export const runBuild = async (flags: BuildFlags, terminal: Terminal): Promise<ExitCode> => {
  const table = await loadGoodTable(chosenTable(flags), terminal, flags);
  if (table === undefined) return 1;
  const made = filesOf(table, flags);
  const writing = Array.from(made, ([kind, files]) => writeAll(flags.out ?? folderOf(kind), files));
  const outcomes = (await Promise.all(writing)).flat();
  const guides = [...made.keys()].map(guideOf).join(', ');
  print(terminal, flags, { revision: table.revision, files: outcomes }, () =>
    [
      ...outcomes.map(({ file, how }) => `${how.padEnd(9)} ${file}`),
      `revision  ${table.revision}; how a PBX takes them: ${guides}`,
    ].join('\n'),
  );
  return 0;
};

export const addDialplan: AddCommand = (program, terminal, run) => {
  program
    .command('dialplan')
    .description('the dialplan a PBX includes')
    .command('build')
    .description('make the queues, the hand-over and the fallback dialplan of a table')
    .option(TABLE_FLAG, TABLE_HELP, namedFile)
    .option('--kind <kind>', `${KINDS.join(' or ')} (default: what the settings name, or both)`, parseKind)
    .option('--out <dir>', 'one folder for all files (default: dialplan/KIND/generated)')
    .option(
      '--app <name>',
      'Asterisk: ARI application of a controller; repeat it for several (default: the settings)',
      parseApp,
    )
    .option(
      '--controller <host:port>',
      'FreeSWITCH: address of a controller; repeat it for several (default: the settings)',
      parseController,
    )
    .option(
      '--queues <module>',
      `FreeSWITCH: what queues callers, ${Object.keys(QUEUE_ENGINES).join(' or ')} (default: the settings, or callcenter)`,
      parseQueues,
    )
    .option('--prompts <dir>', 'prompts folder as the PBX sees it (default: the settings)', parsePromptsDir)
    .option('--json', 'print what was written as JSON')
    .action(run(async (flags: BuildFlags) => runBuild(flags, terminal)));
};
