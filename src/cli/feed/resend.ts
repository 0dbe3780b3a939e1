/** `hotline feed replay` and `hotline feed dead`: records sent once more, those of a period or those that were given up. */
import { SettingsError } from '../../base/errors.ts';
import { DeadLetters } from '../../feed/dead-letters.ts';
import { replayFeed, sendPatiently } from '../../feed/replay-feed.ts';
import { makeSink, type SinkSettings } from '../../feed/sinks/registry.ts';
import type { Sink } from '../../feed/sinks/sink.ts';
import { requireNamesIn } from '../../settings/environment.ts';
import { readSettings } from '../../settings/settings.ts';
import { type ExitCode, type JsonFlag, print, type Terminal } from '../command.ts';
import { feedPlace } from './place.ts';

interface SinkFlags extends JsonFlag {
  readonly sink?: string;
}

/** The sink that the flag names, or all. @throws SettingsError when there is none, or a secret lacks its variable. */
function sinksNamed({ sink: name }: SinkFlags): readonly SinkSettings[] {
  const { sinks } = readSettings(process.env).feed;
  const found = name === undefined ? sinks : sinks.filter((sink) => sink.name === name);
  if (found.length === 0) {
    const known = sinks.map((sink) => sink.name).join(', ') || 'none';
    throw new SettingsError(name === undefined ? 'feed.sinks names no sink' : `no sink ${name}; there are: ${known}`);
  }
  requireNamesIn(found);
  return found;
}

/**
 * Does something with each sink, one after the other, and prints what came of it: as soon as it is known, or with JSON
 * all at the end, by the names of the sinks.
 *
 * @throws SettingsError
 */
async function withEachSink<T>(
  flags: SinkFlags,
  terminal: Terminal,
  work: (sink: Sink, options: SinkSettings) => Promise<T>,
  tell: (name: string, done: T) => void,
): Promise<readonly T[]> {
  const done: Record<string, T> = {};
  for (const options of sinksNamed(flags)) {
    const sink = makeSink(options);
    try {
      done[options.name] = await work(sink, options);
    } finally {
      await sink.stop();
    }
    if (!flags.json) tell(options.name, done[options.name] as T);
  }
  if (flags.json) print(terminal, flags, done, () => '');
  return Object.values(done);
}

export interface ReplayFlags extends SinkFlags {
  readonly since: Date;
  readonly until?: Date;
  readonly records?: readonly string[];
}

/** A period once more; the receiver knows repeats by `(callId, seq)`. 3: a sink did not take all of it. */
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
