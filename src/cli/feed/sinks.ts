/** What commands about the feed need of the settings: where it is kept, and its sinks. */
import { SettingsError } from '../../base/errors.ts';
import { spoolDirOf } from '../../feed/open-feed.ts';
import { makeSink, type SinkSettings } from '../../feed/sinks/registry.ts';
import type { Sink } from '../../feed/sinks/sink.ts';
import { requireNamesIn } from '../../settings/environment.ts';
import { readSettings, type Settings, settingsIfAny } from '../../settings/settings.ts';
import { type JsonFlag, print, type Terminal } from '../command.ts';

export interface FeedPlace {
  readonly dir: string;
  readonly records: string;
  readonly feed: Settings['feed'];
}

/** Where a service is not set up, the defaults stand. */
export function feedPlace(): FeedPlace {
  const { records, feed } = settingsIfAny(process.env);
  return { dir: spoolDirOf(records, feed.spool.dir), records, feed };
}

export interface SinkFlags extends JsonFlag {
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
export async function withEachSink<T>(
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
