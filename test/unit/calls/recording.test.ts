import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CallLog } from '../../../src/calls/call-log.ts';
import { Recorder } from '../../../src/calls/recorder.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import { decide } from '../../../src/routing/plan.ts';
import type { DestinationId, Table } from '../../../src/routing/table.ts';
import { MemorySwitch } from '../../../src/switch/memory/switch.ts';
import type { Call } from '../../../src/switch/port.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from './trial.ts';

const QUEUE = 'queue:12345-xiamen';
const SEATS = 'seats:12333-xiamen';

/** The table, with these destinations recorded. */
const recording = (table: Table, ...to: readonly DestinationId[]): Table => ({
  ...table,
  queues: new Map(Array.from(table.queues, ([id, queue]) => [id, { ...queue, record: to.includes(queue.id) }])),
  seats: new Map(Array.from(table.seats, ([id, seats]) => [id, { ...seats, record: to.includes(seats.id) }])),
});

let trial: Trial;
let controller: Controller;

beforeEach(async () => {
  useCallClock();
  trial = new Trial();
  trial.table = recording(trial.table, QUEUE);
  trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 1_000 });
  controller = await trial.start();
});

afterEach(() => {
  expect(controller.live.count).toBe(0);
  vi.useRealTimers();
});

/** State of each `recorded` record, with its file and reason where there is one. */
const told = (): string[] =>
  trial.records.flatMap((record) =>
    record.type === 'recorded' ? [[record.state, record.file, record.reason ?? []].flat().join(' ')] : [],
  );

const talk = async () => {
  const caller = await trial.call('059212301');
  await pass(PROMPT_MS);
  return { caller, file: `pbx1-${caller.id}.wav`, name: `pbx1-${caller.id}` };
};

const hangUp = async (caller: { hangup(): void }) => {
  caller.hangup();
  await pass(0);
};

describe('a destination that records', () => {
  test('has the talk recorded from its first moment, and the call’s last record says where it is', async () => {
    const { caller, file, name } = await talk();
    expect(trial.pbx.recordings.files.get(name)?.voices).toEqual(['caller', '12345-xiamen-1']);
    await pass(30_000);
    await hangUp(caller);
    expect(told()).toEqual([`started ${file}`, `ended ${file}`]);
    expect(trial.last('ended').recordings).toEqual([{ file, fromMs: PROMPT_MS, toMs: PROMPT_MS + 30_000 }]);
    expect(trial.story.slice(-3)).toEqual(['recorded', 'recorded', 'ended']);
    expect(trial.recordingEnds).toEqual(['done']);
  });

  test('does not have prompt and ringing recorded', async () => {
    const caller = await trial.call('059212301');
    await pass(PROMPT_MS - 1);
    expect(trial.pbx.recordings.files.size).toBe(0);
    await hangUp(caller);
    expect(told()).toEqual([]);
    expect(trial.last('ended').recordings).toEqual([]);
  });

  test('ends the recording with the talk when the agent hangs up first', async () => {
    trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 1_000, hangupAfterMs: 20_000 });
    const { name } = await talk();
    await pass(20_000);
    expect(trial.pbx.recordings.running.has(name)).toBe(false);
    expect(trial.last('ended')).toMatchObject({ by: 'agent', recordings: [{ fromMs: PROMPT_MS, toMs: 21_000 }] });
  });
});

test('a destination that does not record has nothing recorded, and an empty list', async () => {
  trial.table = recording(trial.table);
  const { caller } = await talk();
  await hangUp(caller);
  expect(trial.pbx.recordings.files.size).toBe(0);
  expect(trial.last('ended').recordings).toEqual([]);
});

describe('a recording that fails', () => {
  test('because the PBX cannot write it is told and alarmed, and the talk goes on', async () => {
    trial.pbx.recordings.isWritable = false;
    const { caller, file } = await talk();
    await pass(10_000);
    expect(caller.gone.signal.aborted).toBe(false);
    expect(told()).toEqual([`started ${file}`, `failed ${file} not-begun`]);
    expect(trial.errors).toEqual([expect.stringContaining('not-begun')]);
    await hangUp(caller);
    expect(trial.last('ended')).toMatchObject({ talkedMs: 10_000, recordings: [] });
    expect(trial.recordingEnds).toEqual(['not-begun']);
  });

  test('halfway is told when it happens, and what there is has its place', async () => {
    const { caller, file, name } = await talk();
    await pass(5_000);
    trial.pbx.recordings.breakOff(name);
    await pass(5_000);
    await hangUp(caller);
    expect(told()).toEqual([`started ${file}`, `failed ${file} broken-off`]);
    expect(trial.last('ended')).toMatchObject({
      talkedMs: 10_000,
      recordings: [{ file, fromMs: PROMPT_MS, toMs: PROMPT_MS + 5_000 }],
    });
  });

  test.each(['low-space', 'not-set-up'] as const)('because of %s is not begun at all', async (reason) => {
    trial.noRoom = reason;
    const { caller, file } = await talk();
    await hangUp(caller);
    expect(trial.pbx.recordings.files.size).toBe(0);
    expect(told()).toEqual([`failed ${file} ${reason}`]);
    expect(trial.last('ended')).toMatchObject({ answeredBy: QUEUE, recordings: [] });
  });
});

describe('a recording whose controller dies', () => {
  test('goes on, and the next controller ends it with the talk', async () => {
    const { caller, file, name } = await talk();
    await controller.die();
    await pass(5_000);
    expect(trial.pbx.recordings.running.has(name)).toBe(true);
    controller = await trial.start();
    await pass(5_000);
    await hangUp(caller);
    expect(told()).toEqual([`started ${file}`, `ended ${file}`]);
    expect(trial.last('ended')).toMatchObject({
      takeovers: 1,
      recordings: [{ file, fromMs: PROMPT_MS, toMs: PROMPT_MS + 10_000 }],
    });
    expect(trial.recordingEnds).toEqual(['done']);
    expect([...trial.pbx.recordings.files.keys()]).toEqual([name]);
  });

  test('and that the PBX has broken off meanwhile is told by the next controller', async () => {
    const { caller, file, name } = await talk();
    await controller.die();
    trial.pbx.recordings.breakOff(name);
    controller = await trial.start();
    await pass(0);
    await hangUp(caller);
    expect(told()).toEqual([`started ${file}`, `failed ${file} broken-off`]);
  });
});

describe('at a transfer the policy of whom the caller talks to holds', () => {
  /** A call that goes to several one after another; the recorder is told as the code of transfers tells it. */
  const handedOn = async (...stations: readonly (DestinationId | 'nobody')[]) => {
    await controller.die();
    const held = new MemorySwitch('pbx1', trial.pbx);
    const { promise: arrival, resolve: arrived } = Promise.withResolvers<Call>();
    await held.start({ arrived, adopted: () => undefined, phoned: () => undefined });
    const caller = trial.pbx.placeCall({ dialled: '059212301', caller: null, trunk: null });
    const call = await arrival;
    const telling = {
      switchName: 'pbx1',
      now: Date.now,
      emit: (record: CallRecord) => void trial.records.push(record),
    };
    const story = CallLog.begin(call, telling, decide(trial.table, call.arrival, new Date()), 0);
    const room = { refusal: undefined, ended: () => undefined };
    const log = { error: () => undefined } as never;
    const recorder = new Recorder({ call, callLog: story, table: trial.table, room, log });
    for (const station of stations) {
      if (station === 'nobody') recorder.notTalking();
      else recorder.talking(station);
      await pass(10_000);
    }
    recorder.notTalking();
    story.ended('caller', 'hung-up', 16);
    await call.hangup('normal');
    await held.stop();
    const short = (file: string) => file.replace(`pbx1-${caller.id}`, 'ID');
    return {
      told: told().map(short),
      places: trial.last('ended').recordings.map(({ file, fromMs, toMs }) => [short(file), fromMs, toMs]),
      memory: caller.memory,
    };
  };

  const OTHER = 'queue:12345-fuzhou';

  beforeEach(() => {
    trial.table = recording(trial.table, QUEUE, OTHER);
  });

  test('from one that records to one that does not, the recording ends', async () => {
    const { told: states, places } = await handedOn(QUEUE, SEATS);
    expect(states).toEqual(['started ID.wav', 'ended ID.wav']);
    expect(places).toEqual([['ID.wav', 0, 10_000]]);
  });

  test('the other way, it begins', async () => {
    expect((await handedOn(SEATS, QUEUE)).places).toEqual([['ID.wav', 10_000, 20_000]]);
  });

  test('between two that record, it goes on in one file', async () => {
    expect((await handedOn(QUEUE, OTHER)).places).toEqual([['ID.wav', 0, 20_000]]);
  });

  test('each recorded stretch has a file of its own', async () => {
    const { told: states, places } = await handedOn(QUEUE, SEATS, OTHER, 'nobody', QUEUE);
    expect(states.filter((state) => state.startsWith('started'))).toEqual([
      'started ID.wav',
      'started ID-2.wav',
      'started ID-3.wav',
    ]);
    expect(places).toEqual([
      ['ID.wav', 0, 10_000],
      ['ID-2.wav', 20_000, 30_000],
      ['ID-3.wav', 40_000, 50_000],
    ]);
  });

  test('handed on without end, the call is still remembered in little room', async () => {
    const stations = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? QUEUE : SEATS) as DestinationId);
    const { places, memory } = await handedOn(...stations);
    expect(places.at(-1)?.[0]).toBe('ID-20.wav');
    expect(places).toHaveLength(8);
    expect(JSON.stringify(JSON.parse(memory).rec).length).toBeLessThan(170);
  });
});
