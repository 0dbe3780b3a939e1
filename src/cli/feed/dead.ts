/** `hotline feed dead`: what was given up on this machine, and once more with it. */
import { DeadLetters } from '../../feed/dead-letters.ts';
import { sendPatiently } from '../../feed/replay-feed.ts';
import { makeSink, type SinkOptions } from '../../feed/sinks/registry.ts';
import type { ExitCode, Terminal } from '../command.ts';
import { feedPlace, sinksNamed } from './settings.ts';

export interface DeadFlags {
  readonly sink?: string;
  readonly retry?: true;
  readonly json?: true;
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

async function show(dead: DeadLetters, flags: DeadFlags, terminal: Terminal): Promise<ExitCode> {
  const names = flags.sink === undefined ? await dead.sinks() : [flags.sink];
  const all = await Promise.all(names.map(async (sink) => ({ sink, letters: await dead.list(sink) })));
  const lines = all.flatMap(({ sink, letters }) =>
    letters.map(({ at, reason, line }) => `${at}  ${sink}: ${wordsOf(line)}: ${reason}`),
  );
  if (flags.json)
    terminal.out(
      JSON.stringify(
        all.map(({ sink, letters }) => ({ sink, dead: letters })),
        null,
        2,
      ),
    );
  else terminal.out(lines.join('\n') || 'nothing was given up');
  return lines.length === 0 ? 0 : 1;
}

async function retry(
  options: SinkOptions,
  dead: DeadLetters,
): Promise<{ readonly sent: number; readonly left: number }> {
  const sink = makeSink(options);
  try {
    return await dead.retry(options.name, (line) => sendPatiently(sink, [line], PATIENCE));
  } finally {
    await sink.stop();
  }
}

/** 1: there are some still. */
export async function runDead(flags: DeadFlags, terminal: Terminal): Promise<ExitCode> {
  const dead = new DeadLetters(feedPlace().dir);
  if (!flags.retry) return show(dead, flags, terminal);
  const done: Record<string, { readonly sent: number; readonly left: number }> = {};
  for (const options of sinksNamed(flags.sink)) {
    const { sent, left } = await retry(options, dead);
    done[options.name] = { sent, left };
    if (!flags.json) terminal.out(`${options.name}: ${sent} sent, ${left} left`);
  }
  if (flags.json) terminal.out(JSON.stringify(done, null, 2));
  return Object.values(done).some(({ left }) => left > 0) ? 1 : 0;
}
