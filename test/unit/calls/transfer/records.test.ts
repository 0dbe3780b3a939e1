/** What is told of callers who are transferred: to the next phone, in the records, and in recordings. */
import { describe, expect, test } from 'vitest';
import { orphanedEnd } from '../../../../src/records/orphaned-end.ts';
import type { DestinationId, Table } from '../../../../src/routing/table.ts';
import { liveTable } from '../../routing/tables.ts';
import { PROMPT_MS, pass } from '../trial.ts';
import { AGENT, ORIGIN, OTHER_TARGET, TARGET, talkForEach } from './talk.ts';

const SEATS = 'seats:12348';

const talk = talkForEach();

/** As the next controller would tell it, had nobody seen the end. */
const unseen = () => {
  const before = talk.trial.records.filter(({ type }) => type !== 'ended' && type !== 'missed');
  return orphanedEnd(before, Date.now()).at(-1);
};

const hangUp = async (): Promise<void> => {
  await talk.hangUp('caller');
};

describe('the talk of a caller', () => {
  const expectTalked = (ms: number): void => {
    expect(talk.trial.last('ended')).toMatchObject({ talkedMs: ms });
  };

  test('is not the ringing of a blind transfer, nor of the way back', async () => {
    talk.does(TARGET, 'busy');
    talk.does(OTHER_TARGET, 'busy');
    await talk.pass(10_000);
    talk.answers(AGENT, 4_000);
    await talk.transfer('blind');
    await talk.pass(4_000);
    talk.expectTalk(AGENT);
    await talk.pass(5_000);
    await hangUp();
    expectTalked(15_000);
  });

  test('is not a consultation over music, but is a call of three', async () => {
    talk.answers(TARGET, 1_000);
    await talk.pass(10_000);
    await talk.transfer('attended');
    await talk.pass(8_000);
    await talk.ask({ do: 'return' });
    await talk.transfer('three-way');
    await talk.pass(4_000);
    await hangUp();
    expectTalked(14_000);
  });

  test('is the same to whoever takes the call over in the middle', async () => {
    await talk.pass(10_000);
    talk.does(TARGET, 'ring');
    talk.does(OTHER_TARGET, 'ring');
    await talk.transfer('attended');
    await talk.pass(2_000);
    await talk.takeOver();
    await talk.pass(2_500);
    await talk.ask({ do: 'return' });
    await talk.pass(5_000);
    await hangUp();
    expectTalked(15_000);
  });

  test('ends for one who gives up while a phone rings', async () => {
    talk.does(TARGET, 'ring');
    await talk.pass(10_000);
    await talk.transfer('blind');
    await talk.pass(9_000);
    await hangUp();
    expectTalked(10_000);
  });
});

describe('the places tried', () => {
  test('are those handed on to as well, once each time, whoever controls the call at the end', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await talk.takeOver();
    await talk.ask({ do: 'transfer', kind: 'attended', to: '12345' }, TARGET);
    await talk.pass(1_000);
    await hangUp();
    expect(talk.trial.last('ended').tried).toEqual([ORIGIN, SEATS, ORIGIN]);
  });

  test('are known of a caller whom nobody was found for', async () => {
    talk.does(TARGET, 'ring');
    talk.does(OTHER_TARGET, 'ring');
    await talk.transfer('blind');
    await hangUp();
    expect(talk.trial.last('missed').tried).toEqual([ORIGIN, SEATS]);
  });

  test('are not what was refused for being one hand-over too many', async () => {
    for (const phone of [TARGET, OTHER_TARGET]) talk.does(phone, 'busy');
    talk.answers(AGENT, 100);
    for (let n = 0; n < 6; n += 1) {
      await talk.transfer('blind', n === 5 ? '12320' : '12348');
      await talk.pass(500);
    }
    await hangUp();
    expect(talk.trial.last('ended').tried).not.toContain('seats:12320');
  });
});

test('an end that nobody saw tells the same talk and places as one that was seen', async () => {
  talk.answers(TARGET, 3_000);
  talk.does(OTHER_TARGET, 'ring');
  await talk.pass(10_000);
  await talk.transfer('attended');
  await talk.pass(1_000);
  await talk.ask({ do: 'complete' });
  await talk.pass(7_000);
  await talk.ask({ do: 'transfer', kind: 'three-way', to: '12345' }, TARGET);
  await talk.pass(3_000);
  await talk.ask({ do: 'pull-back' }, AGENT);
  await hangUp();
  const { talkedMs, tried, transfers } = talk.trial.last('ended');
  expect(unseen()).toMatchObject({ talkedMs, tried, transfers });
});

test('a caller who was being handed on when nobody was there to see the end is called back', async () => {
  talk.does(TARGET, 'ring');
  await talk.transfer('blind');
  const records = orphanedEnd(talk.trial.records, Date.now());
  expect(records.map(({ type }) => type)).toEqual(['missed', 'ended']);
});

describe('whoever looks at the last place dialled sees', () => {
  test('the agent whose phone rings again, and then the queue', async () => {
    for (const phone of [TARGET, OTHER_TARGET]) talk.does(phone, 'busy');
    talk.does(AGENT, 'ring');
    await talk.transfer('blind');
    await talk.pass(100);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'ringing', to: ORIGIN, endpoints: [AGENT] });
    await talk.pass(20_000);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'queued', to: ORIGIN });
  });
});

describe('is told', () => {
  test('when the agent leaves the next one’s ringing phone to the caller', async () => {
    talk.does(TARGET, 'ring');
    await talk.transfer('attended');
    await talk.ask({ do: 'complete' });
    expect(talk.told).toEqual(['attended asked', 'blind asked']);
  });

  test('when the present agent hangs up on a caller who is being taken back', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    talk.does(AGENT, 'ring');
    await talk.ask({ do: 'pull-back' }, AGENT);
    await talk.hangUp(TARGET);
    expect(talk.told.slice(-2)).toEqual(['pull-back asked', 'pull-back returned hung-up']);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'ringing', to: ORIGIN });
  });
});

test(`talk begins with the end of the prompt, ${PROMPT_MS} ms after the call`, async () => {
  await talk.pass(2_000);
  await hangUp();
  expect(talk.trial.last('ended')).toMatchObject({ waitedMs: PROMPT_MS, talkedMs: 2_000 });
});

describe('what goes with the caller', () => {
  test('hotline, city, agent, work order and note are on the next phone, and in the records', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind', '12348', { workOrder: 'GD-2026-001', note: '咨询法律援助' });
    const leg = talk.leg(TARGET);
    expect(leg.shown).toEqual({
      name: '12301 厦门',
      number: '13900001111',
      hotline: '12301',
      region: 'xiamen',
      handedOn: { from: ORIGIN, agent: AGENT, workOrder: 'GD-2026-001', note: '咨询法律援助' },
    });
    expect(talk.trial.last('transferred')).toMatchObject({
      from: ORIGIN,
      to: 'seats:12348',
      by: AGENT,
      via: 'api',
      workOrder: 'GD-2026-001',
      note: '咨询法律援助',
    });
    await talk.pass(1_000);
    expect(talk.trial.last('answered')).toMatchObject({ to: 'seats:12348', agent: TARGET });
  });

  test('the work order stays with the call, the note is for the next agent alone', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind', '12348', { workOrder: 'GD-1', note: '一' });
    await talk.pass(1_000);
    talk.answers(AGENT, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, TARGET);
    expect(talk.leg(AGENT).shown?.handedOn).toEqual({
      from: 'seats:12348',
      agent: TARGET,
      workOrder: 'GD-1',
      note: null,
    });
  });

  test('the summary at the end says how often the caller was handed on, and who answered first', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, TARGET);
    await talk.pass(1_000);
    talk.expectTalk(AGENT);
    await talk.hangUp(AGENT);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', transfers: 2, answeredBy: ORIGIN, agent: AGENT });
  });
});

describe('whom the caller talks to says whether it is recorded', () => {
  const recording = (table: Table, ...to: readonly DestinationId[]): Table => ({
    ...table,
    queues: new Map(Array.from(table.queues, ([id, queue]) => [id, { ...queue, record: to.includes(queue.id) }])),
    seats: new Map(Array.from(table.seats, ([id, seats]) => [id, { ...seats, record: to.includes(seats.id) }])),
  });

  /** A talk in a table that records these, and an agent of the seats who answers at once. */
  const begin = async (...to: readonly DestinationId[]): Promise<void> => {
    await talk.beginAnew(recording(liveTable(), ...to));
    for (const endpoint of talk.trial.table.seats.get(SEATS)?.endpoints ?? []) talk.answers(endpoint, 1_000);
  };

  const states = (): string[] =>
    talk.trial.records.flatMap((record) =>
      record.type === 'recorded' ? [`${record.state} ${record.file.replace(`pbx1-${talk.caller.id}`, 'ID')}`] : [],
    );

  test('blind, between two that record: each has a file, and the wait between them has none', async () => {
    await begin(ORIGIN, SEATS);
    await talk.transfer('blind');
    await pass(500);
    expect(talk.trial.pbx.recordings.running.size).toBe(0);
    await pass(5_000);
    await talk.end();
    expect(states()).toEqual(['started ID.wav', 'ended ID.wav', 'started ID-2.wav', 'ended ID-2.wav']);
    expect(talk.trial.last('ended').recordings).toHaveLength(2);
  });

  test('attended, from one that records to one that does not: the recording ends when the caller has the other', async () => {
    await begin(ORIGIN);
    await talk.transfer('attended');
    await pass(3_000);
    expect(talk.trial.pbx.recordings.running.size).toBe(1);
    await talk.ask({ do: 'complete' });
    expect(talk.trial.pbx.recordings.running.size).toBe(0);
    await pass(5_000);
    await talk.end();
    expect(states()).toEqual(['started ID.wav', 'ended ID.wav']);
  });

  test('attended, the other way: the recording begins when the caller has the other', async () => {
    await begin(SEATS);
    await talk.transfer('attended');
    await pass(3_000);
    expect(talk.trial.pbx.recordings.files.size).toBe(0);
    await talk.ask({ do: 'complete' });
    await pass(1_000);
    await talk.end();
    expect(states()).toEqual(['started ID.wav', 'ended ID.wav']);
  });

  test('taken over while the caller is handed on: what was recorded is still told', async () => {
    await begin(ORIGIN, SEATS);
    await talk.transfer('blind');
    await pass(500);
    await talk.takeOver();
    await pass(5_000);
    await talk.end();
    expect(talk.trial.last('ended').recordings.map(({ file }) => file.replace(`pbx1-${talk.caller.id}`, 'ID'))).toEqual(
      ['ID.wav', 'ID-2.wav'],
    );
  });
});
