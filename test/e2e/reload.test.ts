/** The table changes and changes back while calls go through, on the PBX in memory. */
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { LiveCalls } from '../../src/calls/live-calls.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { type MemoryCaller, MemoryPbx } from '../../src/switch/memory/pbx.ts';
import { MemorySwitch } from '../../src/switch/memory/switch.ts';
import { bench, movedText, quiet } from '../unit/tables/rig.ts';
import { liveText } from '../unit/tables/texts.ts';

const RELOADS = 200;
const CALLS_PER_SECOND = 50;
const TALK_MS = 300;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is held, not what waits to be collected. */
const megabytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

test('200 reloads, there and back, under 50 calls a second: no call fails, each has one revision, memory stays level', async () => {
  const { open, write, log: lines } = await bench();
  const table = await open();
  const pbx = new MemoryPbx();
  for (const id of table.table.prompts.keys()) pbx.prompts.set(id, 100);
  for (const { name, members } of table.table.queues.values()) pbx.queues.set(name, members);
  const every = [...table.table.queues.values(), ...table.table.seats.values()];
  for (const each of every) {
    const endpoints = 'members' in each ? each.members : each.endpoints;
    for (const one of endpoints) pbx.agents.set(one, { does: 'answer', afterMs: 50 });
  }
  /** Revisions of each call that is up, and how it began. */
  const up = new Map<string, Set<string>>();
  const callers = new Map<string, MemoryCaller>();
  const faults: string[] = [];
  const used = new Map<string, number>();
  let [ended, answered] = [0, 0];
  const emit = (record: CallRecord) => {
    const revisions = up.get(record.callId) ?? new Set();
    up.set(record.callId, revisions.add(record.revision));
    if (record.type === 'answered') setTimeout(() => callers.get(record.callId)?.hangup(), TALK_MS);
    if (record.type !== 'ended') return;
    callers.delete(record.callId);
    ended += 1;
    if (record.answeredBy !== null) answered += 1;
    used.set(record.revision, (used.get(record.revision) ?? 0) + 1);
    if (revisions.size !== 1) faults.push(`${record.callId} had ${[...revisions].join(' and ')}`);
    up.delete(record.callId);
  };
  const tableOf = (revision: string) => table.tableOf(revision);
  const live = new LiveCalls({
    tableFor: (call) => table.tableFor(call),
    tableOf,
    emit,
    now: Date.now,
    log: quiet(faults),
  });
  const held = new MemorySwitch('pbx1', pbx);
  await held.start(live.takerFor('pbx1'));

  let isOver = false;
  let placed = 0;
  const calling = (async () => {
    const begun = performance.now();
    while (!isOver) {
      const caller = pbx.placeCall({ dialled: '059212301', caller: '13900001111', trunk: 'exchange' });
      callers.set(`pbx1-${caller.id}`, caller);
      placed += 1;
      await pause(Math.max(0, (placed * 1000) / CALLS_PER_SECOND - (performance.now() - begun)));
    }
  })();

  const texts = [movedText(), liveText];
  const taken: number[] = [];
  let early = 0;
  for (let n = 0; n < RELOADS; n += 1) {
    await write(texts[n % 2] ?? '');
    const begun = performance.now();
    expect(await table.reload({ who: 'test', from: 'http' })).toMatchObject({ outcome: 'accepted' });
    taken.push(performance.now() - begun);
    if (n === RELOADS / 4) early = megabytes();
    await pause(20);
  }
  isOver = true;
  await calling;
  await live.idle;
  const late = megabytes();
  await held.stop();

  const [fastest = 0, slowest = 0] = [Math.min(...taken), Math.max(...taken)].map(Math.round);
  process.stdout.write(
    `${RELOADS} reloads of ${fastest} to ${slowest} ms under ${placed} calls; heap ${early.toFixed(1)} → ${late.toFixed(1)} MB\n`,
  );
  expect(faults).toEqual([]);
  expect({ ended, answered }).toEqual({ ended: placed, answered: placed });
  expect(up.size).toBe(0);
  expect(used.size).toBe(2);
  expect(Math.min(...used.values())).toBeGreaterThan(placed / 10);
  expect(lines.filter((line) => !line.startsWith('info'))).toEqual([]);
  expect(late - early).toBeLessThan(15);
}, 180_000);
