/** `hotline feed replay`: a period once more. The receiver tells repeats by `(callId, seq)`. */
import { type Refilled, replayFeed } from '../../feed/replay-feed.ts';
import { makeSink, type SinkOptions } from '../../feed/sinks/registry.ts';
import type { ExitCode, Terminal } from '../command.ts';
import { feedPlace, sinksNamed } from './settings.ts';

export interface ReplayFlags {
  readonly since: Date;
  readonly until?: Date;
  readonly sink?: string;
  readonly records?: readonly string[];
  readonly json?: true;
}

const tell = (name: string, { sent, stopped }: Refilled, terminal: Terminal): void => {
  terminal.out(`${name}: ${sent} records sent`);
  if (stopped) terminal.err(`${name}: ${stopped.reason}; once it is back, go on with --since ${stopped.at}`);
};

const refill = async (options: SinkOptions, flags: ReplayFlags): Promise<Refilled> => {
  const { since, until = new Date(), records = [feedPlace().records] } = flags;
  const sink = makeSink(options);
  try {
    return await replayFeed(records, { since, until }, options, sink);
  } finally {
    await sink.stop();
  }
};

/** 3: a sink did not take all of it. */
export async function runFeedReplay(flags: ReplayFlags, terminal: Terminal): Promise<ExitCode> {
  const done: Record<string, Refilled> = {};
  for (const options of sinksNamed(flags.sink)) {
    const refilled = await refill(options, flags);
    done[options.name] = refilled;
    if (!flags.json) tell(options.name, refilled, terminal);
  }
  if (flags.json) terminal.out(JSON.stringify(done, null, 2));
  return Object.values(done).some(({ stopped }) => stopped !== undefined) ? 3 : 0;
}
