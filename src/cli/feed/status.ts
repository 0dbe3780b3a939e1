/** `hotline feed status`: the state that the service wrote down within the last second. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeedHealth, SinkHealth } from '../../feed/health.ts';
import { STATUS_FILE } from '../../feed/outbox.ts';
import { type ExitCode, type JsonFlag, print, type Terminal } from '../command.ts';
import { feedPlace } from './place.ts';

type Status = FeedHealth & { readonly at: string };

const OLD_AFTER_MS = 10_000;

const readStatus = async (dir: string): Promise<Status | undefined> => {
  try {
    return JSON.parse(await readFile(join(dir, STATUS_FILE), 'utf8')) as Status;
  } catch {
    return undefined; // nothing has been delivered from here yet
  }
};

const sinkLine = ({ name, kind, state, backlog, lagMs, dead, dropped, lastError }: SinkHealth): string =>
  [
    `  ${name} (${kind}): ${state}`,
    `${backlog} records behind, ${(lagMs / 1000).toFixed(1)} s`,
    ...(dead > 0 ? [`${dead} given up`] : []),
    ...(dropped > 0 ? [`${dropped} lost: dropped by the stream before the sink had them`] : []),
    ...(lastError === null ? [] : [lastError]),
  ].join(', ');

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

const show = ({ sinks, spool, redis }: FeedHealth): string =>
  [
    ...(sinks.length === 0 ? ['  no sinks in the settings'] : sinks.map(sinkLine)),
    `  spool: ${spool.state}, ${megabytes(spool.bytes)} of ${megabytes(spool.limitBytes)} MB, ${spool.lost} records lost`,
    `  Redis: ${redis === null ? 'none' : redis ? 'connected' : 'not connected'}`,
  ].join('\n');

const isGood = ({ sinks, spool, redis }: FeedHealth): boolean =>
  sinks.every(({ state }) => state === 'ok') && spool.lost === 0 && spool.state !== 'full' && redis !== false;

/** 1: a sink is behind or down, Redis away, or records were lost. 3: no service runs here. */
export async function runFeedStatus(terminal: Terminal, flags: JsonFlag): Promise<ExitCode> {
  const { dir } = feedPlace();
  const status = await readStatus(dir);
  if (status === undefined) {
    terminal.err(`no feed is kept in ${dir}: no service runs, or it has neither sinks nor Redis`);
    return 3;
  }
  const isOld = Date.now() - Date.parse(status.at) > OLD_AFTER_MS;
  print(terminal, flags, status, () => `the feed at ${status.at}\n${show(status)}`);
  if (!isOld) return isGood(status) ? 0 : 1;
  terminal.err(`no service runs: the feed stands as it was left at ${status.at}`);
  return 3;
}
