/** Opens the live table as the settings say, and ties it to what happens outside: its file, a signal, the ends of calls. */
import { TableRefused } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { RecordSink } from '../feed/feed.ts';
import { DEFAULT_VOICE } from '../prompts/tools.ts';
import { endingOf } from '../records/call-view.ts';
import { formatProblem, type Problem } from '../routing/problems.ts';
import type { Settings } from '../settings/settings.ts';
import { CanaryWatch } from '../tables/fleet/canary.ts';
import { noFleet } from '../tables/fleet/fleet.ts';
import { RedisFleet } from '../tables/fleet/redis.ts';
import { LiveTable } from '../tables/live-table.ts';
import { FileWatch } from '../tables/source/watch-file.ts';
import { realDisk } from '../tables/store/disk.ts';
import { TableStore } from '../tables/store/store.ts';
import { ValidationThread } from '../tables/validate/thread.ts';
import { type Audio, missingAudioOf, movedCallsOf } from './change-guards.ts';

/** Where prompts are, and the voice that speaks them. */
export const audioOf = ({ prompts }: Settings): Audio => ({
  ...prompts,
  voice: { ...DEFAULT_VOICE, ...(prompts.synthesiser && { synthesiser: prompts.synthesiser }) },
});

/** @throws TableRefused after every problem was printed. */
export async function openLiveTable(settings: Settings, audio: () => Audio, log: Logger): Promise<LiveTable> {
  const { table: file, redis, records, reload, name } = settings;
  try {
    return await LiveTable.open({
      file,
      store: new TableStore(realDisk, reload.dir, file),
      fleet: redis === undefined ? noFleet : new RedisFleet({ url: redis, name, log }),
      validator: new ValidationThread(),
      watch: new CanaryWatch(reload.canary),
      mostNumbersMoved: reload.mostNumbersMoved,
      movedCalls: movedCallsOf(records, Date.now, log),
      mostCallsMoved: reload.mostCallsMoved,
      missingAudio: missingAudioOf(audio),
      name,
      now: Date.now,
      log,
    });
  } catch (error) {
    const problems = error instanceof TableRefused ? (error.problems as readonly Problem[]) : [];
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    throw error;
  }
}

/** Reloads whenever the table's file or its prefix list changes. */
export async function watchFiles(live: LiveTable, settleMs: number, started: AsyncDisposableStack): Promise<void> {
  const files = new FileWatch({ files: () => live.files, changed: () => live.fileChanged(), settleMs });
  started.defer(() => files.stop());
  await files.start();
  await live.fileChanged(); // it may have changed between the first read and the watch
}

/** Tells the canary how calls end: that decides whether it is any good. */
export const canarySink = (live: LiveTable): RecordSink => ({
  take: (record) => {
    if (record.type === 'ended' && record.number !== null && endingOf(record) === 'seen')
      live.callEnded(record.revision, record.answeredBy !== null);
  },
  stop: async () => undefined,
});
