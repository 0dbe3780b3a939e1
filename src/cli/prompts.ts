/** `hotline prompts build`: makes the audio of a table's prompts. */
import { projectRoot } from '../base/project.ts';
import { buildPrompts, type PromptOutcome } from '../prompts/build.ts';
import { checkPrompts } from '../prompts/check.ts';
import { foldersOf, type GivenFolders, type PromptFolders } from '../prompts/library.ts';
import { placesBy } from '../prompts/problems.ts';
import { DEFAULT_VOICE, defaultTools, type VoiceCommands } from '../prompts/tools.ts';
import type { Parsed } from '../routing/parse.ts';
import { formatProblem, hasErrors, type Problem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { settingsIfAny } from '../settings/settings.ts';
import { loadTable } from '../tables/source/sources.ts';
import type { AddCommand, ExitCode, JsonFlag, Terminal } from './command.ts';
import { chosenTable, namedFile, TABLE_FLAG, TABLE_HELP, type TableFlag } from './table.ts';

interface BuildFlags extends TableFlag, JsonFlag {
  readonly out?: string;
  readonly supplied?: string;
}

export const addPrompts: AddCommand = (program, terminal, run) => {
  program
    .command('prompts')
    .description('the audio of the prompts')
    .command('build')
    .description('make or renew the audio of every prompt of the table; what has not changed is kept')
    .option(TABLE_FLAG, TABLE_HELP, namedFile)
    .option('--out <dir>', 'where the audio goes (default: prompts.dir of the settings)')
    .option('--supplied <dir>', "the operator's recordings (default: prompts.supplied of the settings)")
    .option('--json', 'print outcomes and problems as JSON')
    .action(run((flags: BuildFlags) => build(flags, terminal)));
};

/** Problems of the audio that a table's prompts have under the service's settings. */
export async function checkAudio(table: Table, tableFile: string, locate: Parsed['locate']): Promise<Problem[]> {
  return checkIn(table, tableFile, await audioOf(tableFile), locate);
}

/** Where a table's audio is and how it is spoken. */
interface Audio {
  readonly folders: PromptFolders;
  readonly voice: VoiceCommands;
}

async function audioOf(tableFile: string, given?: GivenFolders): Promise<Audio> {
  const settings = settingsIfAny(process.env);
  const { synthesiser = DEFAULT_VOICE.synthesiser } = settings.prompts;
  return { folders: await foldersOf(tableFile, settings, given), voice: { ...DEFAULT_VOICE, synthesiser } };
}

function checkIn(table: Table, tableFile: string, audio: Audio, locate: Parsed['locate']): Promise<Problem[]> {
  const places = locate && { placeOf: placesBy(locate) };
  return checkPrompts(table, { ...audio, tableFile, ...places });
}

async function build(flags: BuildFlags, terminal: Terminal): Promise<ExitCode> {
  const file = chosenTable(flags);
  const { table, locate, problems } = await loadTable(file, new Date(), 'read');
  if (!table) return report([], problems, flags, terminal);
  const audio = await audioOf(file, { dir: flags.out, supplied: flags.supplied });
  const outcomes = await make(table, audio, flags, terminal);
  return report(outcomes, await checkIn(table, file, audio, locate), flags, terminal);
}

function make(table: Table, audio: Audio, flags: BuildFlags, terminal: Terminal): Promise<PromptOutcome[]> {
  return buildPrompts(table.prompts.values(), {
    ...audio,
    tools: () => defaultTools(projectRoot, audio.voice),
    onDone: (outcome) => {
      if (!flags.json) terminal.out(describe(outcome));
    },
  });
}

function report(
  outcomes: readonly PromptOutcome[],
  problems: readonly Problem[],
  { json }: BuildFlags,
  terminal: Terminal,
): ExitCode {
  if (json) terminal.out(JSON.stringify({ prompts: outcomes, problems }, null, 2));
  else for (const problem of problems) terminal.err(formatProblem(problem));
  return hasErrors(problems) ? 1 : 0;
}

/** e.g. `built     merged                        9.4 s  -21.9 dBFS`. */
function describe(outcome: PromptOutcome): string {
  const start = `${outcome.how.padEnd(9)} ${outcome.id.padEnd(28)}`;
  if (outcome.how === 'refused') return `${start} ${outcome.because}`;
  return `${start} ${outcome.seconds.toFixed(1).padStart(5)} s  ${outcome.rmsDbfs.toFixed(1).padStart(6)} dBFS`;
}
