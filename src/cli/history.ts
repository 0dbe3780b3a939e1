/** `hotline history`: who changed the table, when, and what moved; or the text of a revision. */
import { InvalidArgumentError } from 'commander';
import type { HistoryEntry } from '../tables/fleet/deployment-state.ts';
import type { AddCommand, JsonFlag } from './command.ts';
import { ask, printAnswer } from './service.ts';

interface HistoryFlags extends JsonFlag {
  readonly limit: number;
}

const line = ({ when, what, outcome, revision, who, from, summary, code }: HistoryEntry): string => {
  const result = outcome === 'accepted' ? revision : `refused ${code ?? ''}`;
  return `${when}  ${what.padEnd(8)} ${result}  by ${who} (${from}): ${summary}`;
};

const textOf = (revision: string) => ask<{ text: string }>('GET', `/table/revisions/${encodeURIComponent(revision)}`);
const historyOf = (limit: number) => ask<readonly HistoryEntry[]>('GET', `/table/history?limit=${limit}`);

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
      run((revision: string | undefined, flags: HistoryFlags) =>
        revision === undefined
          ? printAnswer(
              historyOf(flags.limit),
              terminal,
              flags,
              (entries) => entries.map(line).join('\n') || 'no change yet',
            )
          : printAnswer(textOf(revision), terminal, flags, ({ text }) => text.replace(/\n$/, '')),
      ),
    );
};
