/** `hotline feed replay`: a period once more. The receiver knows repeats by `(callId, seq)`. */
import { replayFeed } from '../../feed/replay-feed.ts';
import type { ExitCode, Terminal } from '../command.ts';
import { feedPlace, type SinkFlags, withEachSink } from './sinks.ts';

export interface ReplayFlags extends SinkFlags {
  readonly since: Date;
  readonly until?: Date;
  readonly records?: readonly string[];
}

/** 3: a sink did not take all of it. */
export async function runFeedReplay(flags: ReplayFlags, terminal: Terminal): Promise<ExitCode> {
  const { since, until = new Date(), records = [feedPlace().records] } = flags;
  const done = await withEachSink(
    flags,
    terminal,
    (sink, options) => replayFeed(records, { since, until }, options, sink),
    (name, { sent, stopped }) => {
      terminal.out(`${name}: ${sent} records sent`);
      if (stopped) terminal.err(`${name}: ${stopped.reason}; once it is back, go on with --since ${stopped.at}`);
    },
  );
  return done.some(({ stopped }) => stopped !== undefined) ? 3 : 0;
}
