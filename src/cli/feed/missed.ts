/** `hotline missed`: callers to call back; `hotline missed close`: one who was called back. */
import { userInfo } from 'node:os';
import { writeClosing } from '../../feed/missed/closings.ts';
import { missedNow } from '../../feed/missed/list.ts';
import type { MissedEntry } from '../../feed/missed/missed.ts';
import { entriesOf, entryOf, keyOf } from '../../feed/missed/missed.ts';
import { type AddCommand, type ExitCode, type JsonFlag, print, type Terminal } from '../command.ts';
import { feedPlace } from './place.ts';

const WHY: Readonly<Record<MissedEntry['reason'], string>> = {
  'gave-up': 'gave up waiting',
  'no-answer': 'nobody answered',
  failure: 'a failure',
};

const line = ({ id, caller, number, unit, region, reason, attempts, firstAt, lastAt }: MissedEntry): string => {
  const times = attempts === 1 ? `at ${lastAt}` : `${attempts} times from ${firstAt} to ${lastAt}`;
  return `${caller}  wanted ${number} (${unit ?? '?'}, ${region ?? '?'}) ${times}: ${WHY[reason]}  [${id}]`;
};

async function show(flags: JsonFlag, terminal: Terminal): Promise<ExitCode> {
  const entries = entriesOf(await missedNow(feedPlace().dir));
  print(terminal, flags, entries, () => entries.map(line).join('\n') || 'nobody is to be called back');
  return 0;
}

/** Writes the closing to a file; the service, or the next one started, applies it. */
async function close(id: string, terminal: Terminal): Promise<ExitCode> {
  const { dir } = feedPlace();
  const found = (await missedNow(dir)).find((each) => entryOf(each)?.id === id);
  if (found === undefined) {
    terminal.err(`no missed call ${id} is open; \`hotline missed\` lists those that are`);
    return 1;
  }
  await writeClosing(dir, { key: keyOf(found), at: new Date().toISOString(), who: userInfo().username });
  terminal.out(`closed: ${found.caller} to ${found.number}`);
  return 0;
}

export const addMissed: AddCommand = (program, terminal, run) => {
  const missed = program
    .command('missed')
    .description('callers whom nobody has answered yet, to be called back, the longest waiting first')
    .option('--json', 'print JSON')
    .action(run((flags: JsonFlag) => show(flags, terminal)));
  missed
    .command('close')
    .description('this caller was called back')
    .argument('<id>', 'as `hotline missed` shows it')
    .action(run((id: string) => close(id, terminal)));
};
