/** `hotline history`: who changed the table, when, and what moved; or the text of a revision. */
import { InvalidArgumentError } from 'commander';
import type { HistoryEntry } from '../tables/fleet/standing.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { ask, tellRefusal } from './service.ts';

interface HistoryFlags {
  readonly limit: number;
  readonly json?: true;
}

const line = ({ when, what, outcome, revision, who, from, summary, code }: HistoryEntry): string => {
  const result = outcome === 'accepted' ? revision : `refused ${code ?? ''}`;
  return `${when}  ${what.padEnd(8)} ${result}  by ${who} (${from}): ${summary}`;
};

async function showText(revision: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const answer = await ask<{ text: string }>('GET', `/table/revisions/${encodeURIComponent(revision)}`);
  if ('refusal' in answer) return tellRefusal(answer.refusal, terminal, json);
  terminal.out(json ? JSON.stringify(answer.good, null, 2) : answer.good.text.replace(/\n$/, ''));
  return 0;
}

async function showHistory({ limit, json }: HistoryFlags, terminal: Terminal): Promise<ExitCode> {
  const answer = await ask<readonly HistoryEntry[]>('GET', `/table/history?limit=${limit}`);
  if ('refusal' in answer) return tellRefusal(answer.refusal, terminal, json === true);
  terminal.out(json ? JSON.stringify(answer.good, null, 2) : answer.good.map(line).join('\n') || 'no change yet');
  return 0;
}

const count = (text: string): number => {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1 to 999.');
};

export const addHistory: AddCommand = (program, terminal, run) => {
  program
    .command('history')
    .description('changes of the table and refusals, the newest first; with a revision, its text')
    .argument('[revision]', 'print the table as this revision, or the one that begins so, had it')
    .option('--limit <count>', 'so many lines', count, 20)
    .option('--json', 'print JSON')
    .action(
      run(
        async (revision: string | undefined, flags: HistoryFlags): Promise<ExitCode> =>
          revision === undefined ? showHistory(flags, terminal) : showText(revision, flags.json === true, terminal),
      ),
    );
};
