/** Where the feed of this machine is kept. */
import { spoolDirOf } from '../../feed/open-feed.ts';
import { type Settings, settingsIfAny } from '../../settings/settings.ts';

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
