/** `hotline dialplan build`: the files an engineer includes in the PBX, made from the table. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { asteriskFiles } from '../dialplan/asterisk-files.ts';
import { freeSwitchQueueFiles } from '../dialplan/freeswitch-files.ts';
import { FileUnwritable } from '../errors.ts';
import { formatProblem } from '../routing/problems.ts';
import { readSettings } from '../settings.ts';
import { loadTable } from '../tables/load.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';

interface BuildFlags {
  readonly table: string;
  readonly pbx: 'asterisk' | 'freeswitch';
  readonly out?: string;
  readonly app?: readonly string[];
  readonly prompts?: string;
  readonly json?: true;
}

/** What became of one file. */
interface Outcome {
  readonly file: string;
  readonly how: 'written' | 'unchanged';
}

/** Where `docs/pbx-asterisk.md` and the images put them, for a table that no switch is set up for yet. */
const PROMPTS_AS_PBX_SEES_THEM = '/var/lib/hotline/prompts';

const parseApp = (text: string, before: readonly string[] = []): readonly string[] => {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('Letters, digits, _ and - only.');
};

/** What a dialplan would read as its own must not be in a path. */
const parsePromptsDir = (text: string): string => {
  if (/^\/[\p{L}\p{N} ._/-]*$/u.test(text)) return text.replace(/(?<=.)\/+$/, '');
  throw new InvalidArgumentError('An absolute path of letters, digits, space, . _ and - only.');
};

/** The switches of the settings speak for whatever no flag says. */
const placesOf = ({ app, prompts }: BuildFlags): { apps: readonly string[]; promptsDir: string } => {
  if (app !== undefined && prompts !== undefined) return { apps: app, promptsDir: prompts };
  const switches = readSettings(process.env).switches.filter((each) => each.kind === 'asterisk');
  const apps = [...new Set(switches.map((each) => each.app))];
  return {
    apps: app ?? (apps.length === 0 ? ['hotline'] : apps),
    promptsDir: prompts ?? parsePromptsDir(switches[0]?.promptsDir ?? PROMPTS_AS_PBX_SEES_THEM),
  };
};

/** Beside it first, then renamed: a PBX that reloads meanwhile reads the old file or the new one. */
const write = async (file: string, text: string): Promise<Outcome> => {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return { file, how: 'unchanged' };
  try {
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  } catch (error) {
    throw new FileUnwritable(file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  return { file, how: 'written' };
};

const writeAll = async (folder: string, files: Readonly<Record<string, string>>): Promise<Outcome[]> => {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new FileUnwritable(folder, error.code ?? String(error));
  });
  return Promise.all(Object.entries(files).map(([name, text]) => write(join(folder, name), text)));
};

/** Makes the files of one table; a table that is not good changes nothing. */
export const runBuild = async (flags: BuildFlags, terminal: Terminal): Promise<ExitCode> => {
  const { table, problems } = await loadTable(flags.table);
  if (table === undefined) {
    for (const problem of problems) terminal.err(formatProblem(problem));
    return 1;
  }
  const { pbx, out = `dialplan/${pbx}/generated` } = flags;
  const files = pbx === 'asterisk' ? asteriskFiles(table, placesOf(flags)) : freeSwitchQueueFiles(table);
  const outcomes = await writeAll(out, files);
  if (flags.json) terminal.out(JSON.stringify({ revision: table.revision, files: outcomes }, null, 2));
  else {
    for (const { file, how } of outcomes) terminal.out(`${how.padEnd(9)} ${file}`);
    terminal.out(`revision  ${table.revision}; how the PBX takes them: docs/pbx-${pbx}.md`);
  }
  return 0;
};

export const addDialplan: AddCommand = (program, terminal, run) => {
  program
    .command('dialplan')
    .description('the dialplan a PBX includes')
    .command('build')
    .description(
      'make what a PBX includes of a table: for Asterisk queues and fallback dialplan, for FreeSWITCH queues',
    )
    .option('--table <file>', 'routing table', 'config/routes.yaml')
    .addOption(new Option('--pbx <kind>', 'kind of PBX').choices(['asterisk', 'freeswitch']).default('asterisk'))
    .option('--out <dir>', 'where the files go (default: dialplan/KIND/generated)')
    .option('--app <name>', 'ARI application of a controller; repeat it for several (default: the settings)', parseApp)
    .option('--prompts <dir>', 'prompts folder as the PBX sees it (default: the settings)', parsePromptsDir)
    .option('--json', 'print what was written as JSON')
    .action(run(async (flags: BuildFlags) => runBuild(flags, terminal)));
};
