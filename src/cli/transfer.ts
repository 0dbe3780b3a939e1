/** `hotline transfer`: hands a caller on for the agent who talks; `hotline call-control` does the rest with a call. */
import { Argument, Option } from 'commander';
import { ACTIONS, TRANSFER_KINDS } from '../requests/request.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { ask, tellRefusal } from './service.ts';

interface TransferFlags {
  readonly kind: string;
  readonly note?: string;
  readonly workOrder?: string;
  readonly json?: true;
}

interface Done {
  readonly call: string;
  readonly stage: string;
  readonly to: string | null;
}

async function post(call: string, action: string, body: object, terminal: Terminal, json: boolean): Promise<ExitCode> {
  const answer = await ask<Done>('POST', `/calls/${encodeURIComponent(call)}/${action}`, body);
  if ('refusal' in answer) return tellRefusal(answer.refusal, terminal, json);
  const { stage, to } = answer.good;
  terminal.out(json ? JSON.stringify(answer.good, null, 2) : `${call}: ${stage}${to === null ? '' : ` → ${to}`}`);
  return 0;
}

const addTransferCommand: AddCommand = (program, terminal, run) => {
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
      run((call: string, to: string, { kind, note, workOrder, json }: TransferFlags) => {
        const said = { ...(note !== undefined && { note }), ...(workOrder !== undefined && { workOrder }) };
        return post(call, 'transfer', { to, kind, ...said }, terminal, json === true);
      }),
    );
};

const addCallControl: AddCommand = (program, terminal, run) => {
  program
    .command('call-control')
    .description('do something else with a call, for the agent who has the caller')
    .argument('<call>', 'id of the call')
    .addArgument(new Argument('<action>', 'what').choices(ACTIONS))
    .option('--json', 'print JSON')
    .action(
      run((call: string, action: string, { json }: { json?: true }) => post(call, action, {}, terminal, json === true)),
    );
};

export const addTransfer: AddCommand = (program, terminal, run) => {
  addTransferCommand(program, terminal, run);
  addCallControl(program, terminal, run);
};
