/**
 * A controller on a PBX in memory, as a process of its own that can be killed: places so many calls a second, and writes
 * down each record it has told (the witness) before the feed gets to see it.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '../../src/base/log.ts';
import { LiveCalls } from '../../src/calls/live-calls.ts';
import { openFeed } from '../../src/feed/open-feed.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { feedSchema } from '../../src/settings/feed.ts';
import { MemoryPbx } from '../../src/switch/memory/pbx.ts';
import { MemorySwitch } from '../../src/switch/memory/switch.ts';
import { goodTable } from './test-lab.ts';

export interface FeedControllerOptions {
  /** Also the start of its call ids. */
  readonly name: string;
  readonly records: string;
  readonly witness: string;
  readonly redis?: string;
  /** As in the settings. */
  readonly feed: object;
  readonly calls: number;
  readonly perSecond: number;
}

const PROMPT_MS = 60;
const CALLERS_HANG_UP_AFTER_MS = 250;

const options = JSON.parse(process.argv[2] ?? '') as FeedControllerOptions;
const log = createLogger('warn');
const table = await goodTable();
const { feed } = await openFeed({
  ...feedSchema.parse(options.feed),
  records: options.records,
  redis: options.redis,
  name: options.name,
  more: [],
  now: Date.now,
  log,
});

const pbx = new MemoryPbx();
for (const id of table.prompts.keys()) pbx.prompts.set(id, PROMPT_MS);
for (const { name, members } of table.queues.values()) {
  pbx.queues.set(name, members);
  const [first] = members;
  if (first !== undefined) pbx.agents.set(first, { does: 'answer', afterMs: 30, hangupAfterMs: 150 });
}
const witness = openSync(options.witness, 'a');
const emit = (record: CallRecord): void => {
  feed.emit(record);
  writeSync(witness, `${record.callId} ${record.seq}\n`); // once told, it must not be lost
};
const steady = () => performance.now();
const live = new LiveCalls({ tableFor: () => table, tableOf: async () => table, emit, now: Date.now, steady, log });
const held = new MemorySwitch(options.name, pbx);
await held.start(live.takerFor(options.name));

const numbers = [...table.numbers.keys()];
const begun = performance.now();
let longestMs = 0;
for (let n = 0; n < options.calls; n += 1) {
  const due = begun + (n * 1000) / options.perSecond;
  const wait = due - performance.now();
  longestMs = Math.max(longestMs, -wait);
  if (wait > 1) await pause(wait);
  const caller = `0591${String(10_000_000 + n)}`;
  const placed = pbx.placeCall({ dialled: numbers[n % numbers.length] ?? '', caller, trunk: null });
  setTimeout(() => placed.hangup(), CALLERS_HANG_UP_AFTER_MS); // whoever is not answered by then gives up
}
await live.idle;
await pause(50);
await live.idle;
await feed.stop();
process.stdout.write(`${JSON.stringify({ placed: options.calls, longestMs: Math.round(longestMs) })}\n`);
process.exit(0);
