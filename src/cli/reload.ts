/** `hotline reload` and `hotline promote`: a changed table goes live, for all calls or for some first. */
import type { ChangeMade, TableGiven } from '../admin/table-api.ts';
import { formatProblem, type Problem } from '../routing/problems.ts';
import { readText } from '../routing/yaml/source-text.ts';
import { inShort } from '../tables/opening.ts';
import { readSources } from '../tables/source/sources.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { ask, tellRefusal } from './service.ts';

interface ReloadFlags {
  readonly yes?: true;
  readonly table?: string;
  readonly canary?: string;
  readonly ifMatch?: string;
  readonly json?: true;
}

const inWords = ({ outcome, before, revision, canary, summary }: ChangeMade): string => {
  if (outcome === 'unchanged') return `unchanged: ${revision}: ${summary}`;
  const moved = before === revision ? revision : `${before} → ${revision}`;
  return `${canary === null ? 'live' : 'canary'}: ${moved}: ${summary}`;
};

/** Asks for a change and prints what became of it. */
export async function change(path: string, body: object, flags: ReloadFlags, terminal: Terminal): Promise<ExitCode> {
  const answer = await ask<ChangeMade>('POST', path, body, flags.ifMatch);
  if ('refusal' in answer) return tellRefusal(answer.refusal, terminal, flags.json === true);
  if (flags.json) terminal.out(JSON.stringify(answer.good, null, 2));
  else {
    for (const problem of answer.good.problems) terminal.err(formatProblem(problem));
    terminal.out(inWords(answer.good));
  }
  return 0;
}

/** A table that was read here, to be sent. */
interface Read {
  readonly table: TableGiven;
  /** What could not be sent as it is, for it is not text. */
  readonly unsendable: readonly Problem[];
}

/** Bad ones are sent too: that one was refused belongs in the history of the service. */
async function given(file: string): Promise<Read> {
  const { sources, draft } = await readSources(file, 'read');
  const list = sources.prefixList && readText(sources.prefixList);
  const unsendable = [readText(sources.table).problem, list?.problem].filter((each) => each !== undefined);
  return { table: { name: file, text: draft.text, ...(list && { prefixList: list.text }) }, unsendable };
}

/** JSON holds text alone, so the service is not told of what is none. */
function tellUnsendable(
  problems: readonly Problem[],
  live: string,
  { json }: ReloadFlags,
  terminal: Terminal,
): ExitCode {
  const message = `${inShort(problems)}; not sent, ${live} stays live`;
  return tellRefusal({ code: 'TABLE_REFUSED', message, problems }, terminal, json === true);
}

async function reload(flags: ReloadFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.table === undefined) return send({}, flags, terminal);
  // What is live now, while the table is read: who sends another one meanwhile wins, and we are told.
  const [live, read] = await Promise.allSettled([
    flags.ifMatch ?? ask<{ revision: string }>('GET', '/table'),
    given(flags.table),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (live.status === 'rejected') throw live.reason;
  if (typeof live.value !== 'string' && 'refusal' in live.value)
    return tellRefusal(live.value.refusal, terminal, flags.json === true);
  const ifMatch = typeof live.value === 'string' ? live.value : live.value.good.revision;
  const { table, unsendable } = read.value;
  if (unsendable.length > 0) return tellUnsendable(unsendable, ifMatch, flags, terminal);
  return send({ table }, { ...flags, ifMatch }, terminal);
}

function send(table: { readonly table?: TableGiven }, flags: ReloadFlags, terminal: Terminal): Promise<ExitCode> {
  const body = { ...table, ...(flags.yes && { yes: true }) };
  if (flags.canary === undefined) return change('/table/reload', body, flags, terminal);
  return change('/table/canary', { ...body, calls: flags.canary }, flags, terminal);
}

export const addReload: AddCommand = (program, terminal, run) => {
  program
    .command('reload')
    .description("make the table live in the running service: its own file, or --table's")
    .option('--yes', 'however many numbers move')
    .option('--table <file>', 'this table, and its prefix list, in place of the file of the service')
    .option('--canary <calls>', 'for some calls first: 10%, region:xiamen or number:12333 (then promote or rollback)')
    .option('--if-match <revision>', 'only if this revision is live still')
    .option('--json', 'print JSON')
    .action(run((flags: ReloadFlags) => reload(flags, terminal)));
  program
    .command('promote')
    .description('give all calls to the canary')
    .option('--if-match <revision>', 'only if this revision is live still')
    .option('--json', 'print JSON')
    .action(run((flags: ReloadFlags) => change('/table/promote', {}, flags, terminal)));
};
