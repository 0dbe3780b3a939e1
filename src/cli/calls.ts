/** `hotline calls`: the calls that are up. `hotline transfer` and `hotline call-control`: what an agent does with one. */
import { Argument, Option } from 'commander';
import type { CallShown } from '../admin/board/view-model.ts';
import { ACTIONS, TRANSFER_KINDS } from '../requests/request.ts';
import type { AddCommand, ExitCode, JsonFlag, Terminal } from './command.ts';
import { ask, printAnswer } from './service.ts';

interface Calls {
  readonly total: number;
  readonly calls: readonly CallShown[];
}

const line = (call: CallShown, now: number): string => {
  const { id, number, region, caller, state, to, agent, since, transfers } = call;
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  const where = [to, agent].filter((each) => each !== null).join(' ');
  const transferred = transfers === 0 ? '' : `  handed on ${transfers}×`;
  return `${id}  ${number ?? '?'} ${region ?? '?'}  from ${caller}  ${state} ${seconds} s  ${where}${transferred}`;
};

const formatCalls = ({ total, calls }: Calls): string =>
  [
    ...calls.map((call) => line(call, Date.now())),
    ...(total > calls.length ? [`and ${total - calls.length} more`] : []),
    ...(total === 0 ? ['no call is up'] : []),
  ].join('\n');

export const addCalls: AddCommand = (program, terminal, run) => {
  program
    .command('calls')
    .description('the calls that are up on the running service, the longest first')
    .option('--json', 'print JSON')
    .action(run((flags: JsonFlag) => printAnswer(ask<Calls>('GET', '/calls?limit=999'), terminal, flags, formatCalls)));
};

interface TransferFlags extends JsonFlag {
  readonly kind: string;
  readonly note?: string;
  readonly workOrder?: string;
}

interface Done {
  readonly call: string;
  readonly stage: string;
  readonly to: string | null;
}

function post(call: string, action: string, body: object, terminal: Terminal, flags: JsonFlag): Promise<ExitCode> {
  const done = ask<Done>('POST', `/calls/${encodeURIComponent(call)}/${action}`, body);
  return printAnswer(done, terminal, flags, ({ stage, to }) => `${call}: ${stage}${to === null ? '' : ` → ${to}`}`);
}

export const addTransfer: AddCommand = (program, terminal, run) => {
  program
    .command('transfer')
    .description('hand a caller on to seats, a hotline number or 12345, for the agent who has the caller')
    .argument('<call>', 'id of the call, as `hotline calls` prints it')
    .argument('<to>', 'e.g. 12366, 12345, 12350 or seats:12366-xiamen; only what the table lets that agent do')
    .addOption(new Option('--kind <kind>', 'how').choices(TRANSFER_KINDS).default('blind'))
    .option('--note <text>', 'what the next agent should know, 200 characters at most')
    .option('--work-order <number>', 'work order of the caller’s matter')
    .option('--json', 'print JSON')
    .action(
      run((call: string, to: string, { json, ...flags }: TransferFlags) =>
        post(call, 'transfer', { to, ...flags }, terminal, { json }),
      ),
    );
  program
    .command('call-control')
    .description('do something else with a call, for the agent who has the caller')
    .argument('<call>', 'id of the call')
    .addArgument(new Argument('<action>', 'what').choices(ACTIONS))
    .option('--json', 'print JSON')
    .action(run((call: string, action: string, flags: JsonFlag) => post(call, action, {}, terminal, flags)));
};
