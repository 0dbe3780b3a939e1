/** `hotline feed dead`: what was given up on this machine, and once more with it. */
import { DeadLetters } from '../../feed/dead-letters.ts';
import { sendPatiently } from '../../feed/replay-feed.ts';
import { type ExitCode, print, type Terminal } from '../command.ts';
import { feedPlace, type SinkFlags, withEachSink } from './sinks.ts';

export interface DeadFlags extends SinkFlags {
  readonly retry?: true;
}

const PATIENCE = { firstMs: 200, mostMs: 2_000 };

interface Given {
  readonly callId?: string;
  readonly seq?: number;
  readonly type?: string;
}

const wordsOf = (line: string): string => {
  const given = JSON.parse(line) as Given | string;
  return typeof given === 'string' ? 'no record' : `${given.callId} ${given.seq} ${given.type}`;
};

async function show(letters: DeadLetters, flags: DeadFlags, terminal: Terminal): Promise<ExitCode> {
  const names = flags.sink === undefined ? await letters.sinks() : [flags.sink];
  const all = await Promise.all(names.map(async (sink) => ({ sink, dead: await letters.list(sink) })));
  const lines = all.flatMap(({ sink, dead }) =>
    dead.map(({ at, reason, line }) => `${at}  ${sink}: ${wordsOf(line)}: ${reason}`),
  );
  print(terminal, flags, all, () => lines.join('\n') || 'nothing was given up');
  return lines.length === 0 ? 0 : 1;
}

/** 1: some are still there. */
export async function runDead(flags: DeadFlags, terminal: Terminal): Promise<ExitCode> {
  const letters = new DeadLetters(feedPlace().dir);
  if (!flags.retry) return show(letters, flags, terminal);
  const done = await withEachSink(
    flags,
    terminal,
    (sink, { name }) => letters.retry(name, (line) => sendPatiently(sink, [line], PATIENCE)),
    (name, { sent, left }) => terminal.out(`${name}: ${sent} sent, ${left} left`),
  );
  return done.some(({ left }) => left > 0) ? 1 : 0;
}
