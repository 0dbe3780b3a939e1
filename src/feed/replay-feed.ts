/** Back-fill: sends the kept records of a period to a sink once more. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Backoff, spreadWaitMs } from '../base/backoff.ts';
import { readArchive } from '../records/archive.ts';
import type { RecordHead } from '../records/record.ts';
import type { SinkSettings } from './sinks/registry.ts';
import type { Sink } from './sinks/sink.ts';
import { filterOf } from './sinks/sink.ts';

const TRIES = 5;

export interface Period {
  readonly since: Date;
  /** Not included. */
  readonly until: Date;
}

export interface Refilled {
  readonly sent: number;
  /** Why it stopped, and the time of the first record that the sink lacks. */
  readonly stopped: { readonly reason: string; readonly at: string } | undefined;
}

/** Tries a batch a few times. @returns why it failed; undefined: the sink has it. */
export async function sendPatiently(
  sink: Sink,
  lines: readonly string[],
  patience: Backoff,
): Promise<string | undefined> {
  let reason = '';
  for (let failures = 0; failures < TRIES; ) {
    try {
      await sink.send(lines, new AbortController().signal);
      return undefined;
    } catch (error) {
      failures += 1;
      reason = error instanceof Error ? error.message : String(error);
      if (failures < TRIES) await pause(spreadWaitMs(patience, failures, Math.random()));
    }
  }
  return reason;
}

const timeOf = (head: RecordHead | undefined): number => Date.parse(head?.at ?? '');

/** Sends what the files hold of a period, in the order written. @throws FileUnreadable */
export async function replayFeed(
  files: readonly string[],
  { since, until }: Period,
  options: SinkSettings,
  sink: Sink,
): Promise<Refilled> {
  const isMine = filterOf(options);
  const patience = { firstMs: options.retry.firstSeconds * 1000, mostMs: options.retry.mostSeconds * 1000 };
  let sent = 0;
  for (const file of files) {
    for await (const found of readArchive(file, { since, isNamed: true })) {
      const mine = found.filter(({ head, text }) => timeOf(head) < until.getTime() && isMine(text));
      for (let n = 0; n < mine.length; n += options.batch) {
        const batch = mine.slice(n, n + options.batch);
        const lines = batch.map(({ text }) => text);
        const reason = await sendPatiently(sink, lines, patience);
        if (reason !== undefined) return { sent, stopped: { reason, at: batch[0]?.head?.at ?? '' } };
        sent += batch.length;
      }
    }
  }
  return { sent, stopped: undefined };
}
