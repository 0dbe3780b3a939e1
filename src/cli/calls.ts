/** `hotline calls`: the calls that are up, the longest first. */
import type { CallShown } from '../admin/board/shown.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { ask, tellRefusal } from './service.ts';

interface Calls {
  readonly total: number;
  readonly calls: readonly CallShown[];
}

const line = (call: CallShown, now: number): string => {
  const { id, number, region, caller, state, to, agent, since, transfers } = call;
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  const where = [to, agent].filter((each) => each !== null).join(' ');
  const handed = transfers === 0 ? '' : `  handed on ${transfers}×`;
  return `${id}  ${number ?? '?'} ${region ?? '?'}  from ${caller}  ${state} ${seconds} s  ${where}${handed}`;
};

async function showCalls(terminal: Terminal, json: boolean): Promise<ExitCode> {
  const answer = await ask<Calls>('GET', '/calls?limit=999');
  if ('refusal' in answer) return tellRefusal(answer.refusal, terminal, json);
  const { total, calls } = answer.good;
  if (json) terminal.out(JSON.stringify(answer.good, null, 2));
  else {
    for (const call of calls) terminal.out(line(call, Date.now()));
    if (total > calls.length) terminal.out(`and ${total - calls.length} more`);
    if (total === 0) terminal.out('no call is up');
  }
  return 0;
}

export const addCalls: AddCommand = (program, terminal, run) => {
  program
    .command('calls')
    .description('the calls that are up on the running service, the longest first')
    .option('--json', 'print JSON')
    .action(run((flags: { json?: true }) => showCalls(terminal, flags.json === true)));
};
