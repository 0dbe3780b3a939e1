/** `hotline reload`, `promote` and `rollback`: a changed table goes live, for all calls or for some first, or is taken back. */
import type { ChangeMade, ReloadBody, TableGiven } from '../admin/table-api.ts';
import { formatProblem, inShort, type Problem } from '../routing/problems.ts';
import { readText } from '../routing/yaml/source-text.ts';
import { readSources } from '../tables/source/sources.ts';
import type { AddCommand, ExitCode, JsonFlag, Terminal } from './command.ts';
import { ask, printAnswer, printRefusal } from './service.ts';

interface ChangeFlags extends JsonFlag {
  readonly ifMatch?: string;
}

interface ReloadFlags extends ChangeFlags {
  readonly yes?: true;
  readonly table?: string;
  readonly canary?: string;
}

const formatChange = ({ outcome, before, revision, canary, summary }: ChangeMade): string => {
  if (outcome === 'unchanged') return `unchanged: ${revision}: ${summary}`;
  const moved = before === revision ? revision : `${before} → ${revision}`;
  return `${canary === null ? 'live' : 'canary'}: ${moved}: ${summary}`;
};

/** Asks for a change and prints what became of it. */
const change = (path: string, body: object, flags: ChangeFlags, terminal: Terminal): Promise<ExitCode> =>
  printAnswer(ask<ChangeMade>('POST', path, body, flags.ifMatch), terminal, flags, (made) => {
    for (const problem of made.problems) terminal.err(formatProblem(problem));
    return formatChange(made);
  });

/** A table that was read here, to be sent. */
interface Read {
  readonly table: TableGiven;
  /** Why it cannot be sent as it is: it is not text. */
  readonly unsendable: readonly Problem[];
}

/** Bad tables are sent too: that one was refused belongs in the history of the service. */
async function given(file: string): Promise<Read> {
  const { sources, draft } = await readSources(file, 'read');
  const list = sources.prefixList && readText(sources.prefixList);
  const unsendable = [readText(sources.table).problem, list?.problem].filter((each) => each !== undefined);
  return { table: { name: file, text: draft.text, ...(list && { prefixList: list.text }) }, unsendable };
}

/** JSON carries text only: bytes that are no text are refused here, and the service is not asked. */
function refuseUnsendable(problems: readonly Problem[], live: string, flags: JsonFlag, terminal: Terminal): ExitCode {
  const message = `${inShort(problems)}; not sent, ${live} stays live`;
  return printRefusal({ code: 'TABLE_REFUSED', message, problems }, terminal, flags);
}

async function reload(flags: ReloadFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.table === undefined) return send({}, flags, terminal);
  // Asked while the table is read, so that a change somebody else makes meanwhile is not undone: ours is refused then.
  const { ifMatch: named } = flags;
  const [live, read] = await Promise.allSettled([
    named === undefined ? ask<{ revision: string }>('GET', '/table') : { good: { revision: named } },
    given(flags.table),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (live.status === 'rejected') throw live.reason;
  if ('refusal' in live.value) return printRefusal(live.value.refusal, terminal, flags);
  const { revision: ifMatch } = live.value.good;
  const { table, unsendable } = read.value;
  if (unsendable.length > 0) return refuseUnsendable(unsendable, ifMatch, flags, terminal);
  return send({ table }, { ...flags, ifMatch }, terminal);
}

function send(table: Pick<ReloadBody, 'table'>, flags: ReloadFlags, terminal: Terminal): Promise<ExitCode> {
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
    .action(run((flags: ChangeFlags) => change('/table/promote', {}, flags, terminal)));
};

export const addRollback: AddCommand = (program, terminal, run) => {
  program
    .command('rollback')
    .description('end a canary; else go back to the revision before (once more: forth again), or to a named one')
    .argument('[revision]', 'a revision of hotline history, or the beginning of one')
    .option('--if-match <revision>', 'only if this revision is live still')
    .option('--json', 'print JSON')
    .action(
      run((revision: string | undefined, flags: ChangeFlags) =>
        change('/table/rollback', { ...(revision !== undefined && { revision }) }, flags, terminal),
      ),
    );
};
