/** Whom the caller talks to after a hand-over says whether it is recorded. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DestinationId, Table } from '../../../src/routing/table.ts';
import { liveTable } from '../routing/tables.ts';
import { ORIGIN, Talk } from './talk.ts';
import { pass, useCallClock } from './trial.ts';

const SEATS = 'seats:12348';

const recording = (table: Table, ...to: readonly DestinationId[]): Table => ({
  ...table,
  queues: new Map(Array.from(table.queues, ([id, queue]) => [id, { ...queue, record: to.includes(queue.id) }])),
  seats: new Map(Array.from(table.seats, ([id, seats]) => [id, { ...seats, record: to.includes(seats.id) }])),
});

beforeEach(() => useCallClock());
afterEach(() => void vi.useRealTimers());

/** A talk in a table that records these, and an agent of the seats who answers at once. */
const begin = async (...to: readonly DestinationId[]): Promise<Talk> => {
  const talk = await Talk.begin('059212301', {}, recording(liveTable(), ...to));
  for (const endpoint of talk.trial.table.seats.get(SEATS)?.endpoints ?? []) talk.answers(endpoint, 1_000);
  return talk;
};

const states = (talk: Talk): string[] =>
  talk.trial.records.flatMap((record) =>
    record.type === 'recorded' ? [`${record.state} ${record.file.replace(`pbx1-${talk.caller.id}`, 'ID')}`] : [],
  );

test('blind, between two that record: each has a file, and the wait between them has none', async () => {
  const talk = await begin(ORIGIN, SEATS);
  await talk.transfer('blind');
  await pass(500);
  expect(talk.trial.pbx.recordings.running.size).toBe(0);
  await pass(5_000);
  await talk.end();
  expect(states(talk)).toEqual(['started ID.wav', 'ended ID.wav', 'started ID-2.wav', 'ended ID-2.wav']);
  expect(talk.trial.last('ended').recordings).toHaveLength(2);
});

test('attended, from one that records to one that does not: the recording ends when the caller has the other', async () => {
  const talk = await begin(ORIGIN);
  await talk.transfer('attended');
  await pass(3_000);
  expect(talk.trial.pbx.recordings.running.size).toBe(1);
  await talk.ask({ do: 'complete' });
  expect(talk.trial.pbx.recordings.running.size).toBe(0);
  await pass(5_000);
  await talk.end();
  expect(states(talk)).toEqual(['started ID.wav', 'ended ID.wav']);
});

test('attended, the other way: the recording begins when the caller has the other', async () => {
  const talk = await begin(SEATS);
  await talk.transfer('attended');
  await pass(3_000);
  expect(talk.trial.pbx.recordings.files.size).toBe(0);
  await talk.ask({ do: 'complete' });
  await pass(1_000);
  await talk.end();
  expect(states(talk)).toEqual(['started ID.wav', 'ended ID.wav']);
});

test('taken over while the caller is handed on: what was recorded is still told', async () => {
  const talk = await begin(ORIGIN, SEATS);
  await talk.transfer('blind');
  await pass(500);
  await talk.takeOver();
  await pass(5_000);
  await talk.end();
  expect(talk.trial.last('ended').recordings.map(({ file }) => file.replace(`pbx1-${talk.caller.id}`, 'ID'))).toEqual([
    'ID.wav',
    'ID-2.wav',
  ]);
});
