/** What commands about the feed need of the settings. */
import { SettingsError } from '../../base/errors.ts';
import { spoolDirOf } from '../../feed/open-feed.ts';
import type { SinkOptions } from '../../feed/sinks/registry.ts';
import { readSettings, type Settings, settingsIfAny } from '../../settings/settings.ts';

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

/** @throws SettingsError when there is none, or a secret lacks its variable. */
export function sinksNamed(name: string | undefined): readonly SinkOptions[] {
  const { sinks } = readSettings(process.env).feed;
  const found = name === undefined ? sinks : sinks.filter((sink) => sink.name === name);
  if (found.length === 0) {
    const known = sinks.map((sink) => sink.name).join(', ') || 'none';
    throw new SettingsError(name === undefined ? 'feed.sinks names no sink' : `no sink ${name}; there are: ${known}`);
  }
  const missing = JSON.stringify(found).match(/\$\{\w+\}/g);
  if (missing) throw new SettingsError(`the environment has no ${[...new Set(missing)].join(', ')}`);
  return found;
}
