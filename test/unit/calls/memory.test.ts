import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  catchUp,
  legId,
  parseLegId,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/calls/checkpoint.ts';
import type { TransferState } from '../../../src/calls/transfer/state.ts';
import { route } from '../../../src/routing/plan.ts';
import { liveTable } from '../routing/tables.ts';

const table = liveTable();
const MOST_BYTES = 2_000;

/** A call in the state in which most is to be remembered: prompt playing, every seat ringing, agent talking. */
const fullest = (number: string, areaCode: string): Checkpoint => {
  const routing = route(table, { dialled: `${areaCode}${number}`, caller: null, trunk: null }, new Date(0));
  if (routing.number === null) throw new Error(`${number} is refused`);
  const { unit, mode, region, revision, plan } = routing;
  const cursor = plan.length;
  const legs = Array.from({ length: 8 }, (_, n) => legId({ cursor, round: 9, n, takeovers: 99 }));
  return {
    v: 1,
    number: routing.number,
    unit,
    mode,
    region: region.id,
    revision,
    plan: [...plan],
    arrived: 1_790_000_000_000,
    seq: 999,
    cursor,
    round: 9,
    legs,
    playing: { id: `${cursor}.99`, prompt: 'merged' },
    talking: {
      leg: legs[7] ?? '',
      to: 'seats:12360-xiamen-customs',
      agent: '12360-xiamen-customs-2',
      since: 1_790_000_000_000,
    },
    rec: [9, 3_500_000],
    takeovers: 99,
    waits: [100_000, 100_000, 100_000, 100_000],
  };
};

const areaCodes = [...table.regions.values()].map(({ areaCode }) => areaCode ?? '');

test.each([...table.numbers.keys()])('a call to %s is remembered whole in under 2 kB, from every region', (number) => {
  for (const areaCode of areaCodes) {
    const memory = fullest(number, areaCode);
    const text = writeCheckpoint(memory);
    expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
    expect(readCheckpoint(text)).toEqual(memory);
  }
});

/** As much as there can be: the longest names of the table, every text of an agent as long as it may be. */
const busiest = (note: string, workOrder: string): Checkpoint => {
  const { playing: _, legs: __, ...memory } = fullest('12329', '0592');
  const longest = (ids: Iterable<string>): string => [...ids].toSorted((a, b) => b.length - a.length)[0] ?? '';
  const to = longest([...table.seats.keys(), ...table.queues.keys()]) as 'seats:x';
  const agent = longest([...table.seats.values()].flatMap(({ endpoints }) => endpoints));
  const leg = 'h99.7.99';
  const origin = { leg, to, agent };
  const answer: TransferState['answers'][number] = ['f'.repeat(16), 'attended', to];
  const hand: TransferState = {
    stage: 'attended',
    origin,
    second: leg,
    asked: { kind: 'attended', from: to, to, by: 'b'.repeat(40), via: 'phone', note },
    ring: { round: 9, legs: Array.from({ length: 8 }, () => leg) },
    since: 1_790_000_000_000,
    rung: 99,
    bounced: 5,
    done: 99,
    workOrder,
    handedBy: { to, agent, at: 1_790_000_000_000 },
    muted: [leg, leg],
    supervisor: { leg, as: 'whisper', endpoint: agent, here: true },
    answers: [answer, answer],
  };
  const plan = memory.plan.flatMap((step) => (step.do === 'connect' ? [{ do: step.do, to: step.to }] : []));
  return { ...memory, plan, waits: [99_999, 99_999, 999_999, 9_999_999], away: [999_999, 9_999_999], hand };
};

test.each([
  ['Chinese', '市'.repeat(200)],
  ['rare characters', '𠮷'.repeat(150)],
  ['quotes, each of which takes two bytes', '"'.repeat(200)],
])(
  'a call with everything asked of it, and the longest note there may be in %s, is remembered in under 2 kB',
  (_, note) => {
    const memory = busiest(note, '单'.repeat(32));
    const text = writeCheckpoint(memory);
    expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
    expect(readCheckpoint(text)).toEqual(memory);
  },
);

test('who hands on is written once where it is the one who talks, and comes back as it was', () => {
  const { hand, ...memory } = busiest('', '');
  if (hand?.stage !== 'attended') throw new Error('not the stage it was');
  const elsewhere: Checkpoint = { ...memory, hand: { ...hand, asked: { ...hand.asked, from: 'queue:12345-sanming' } } };
  expect(readCheckpoint(writeCheckpoint(elsewhere))).toEqual(elsewhere);
  const same: Checkpoint = { ...memory, hand };
  expect(JSON.parse(writeCheckpoint(same)).hand.asked).not.toHaveProperty('from');
  expect(readCheckpoint(writeCheckpoint(same))).toEqual(same);
  expect(readCheckpoint(JSON.stringify(same))).toEqual(same); // as a controller before this one wrote it
});

test('of a caller handed on more often than there is room for, the places tried first are forgotten', () => {
  const memory = busiest('', '');
  const last = { do: 'connect', to: 'seats:12348' } as const;
  const plan = [...Array.from({ length: 90 }, () => ({ do: 'connect', to: 'queue:12345-xiamen' }) as const), last];
  const text = writeCheckpoint({ ...memory, plan, cursor: 90 });
  expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
  const read = readCheckpoint(text);
  expect(read?.plan.at(-1)).toEqual(last);
  expect(read?.cursor).toBe((read?.plan.length ?? 0) - 1);
  expect(read?.plan.length).toBeGreaterThan(10);
});

test('where there is little room, the oldest recordings are forgotten, never the one that is written now', () => {
  const places = Array.from({ length: 8 }, (_, n) => [90 + n, 3_500_000, 3_600_000]).flat();
  const { unit, ...memory } = fullest('12366', '0592');
  const recorded = (length: number) =>
    readCheckpoint(writeCheckpoint({ ...memory, unit: 'x'.repeat(length), rec: [98, 3_700_000, ...places] }))?.rec ??
    [];
  const full = 1_950 - Buffer.byteLength(writeCheckpoint({ ...memory, unit: '' }));
  expect(recorded(10)).toHaveLength(26);
  const room = recorded(full - 100);
  expect(room.length).toBeGreaterThan(2);
  expect(room.length).toBeLessThan(26);
  expect(room.slice(0, 2)).toEqual([98, 3_700_000]);
  expect(room.slice(-3)).toEqual([97, 3_500_000, 3_600_000]);
  expect(recorded(full)).toEqual([98, 3_700_000]);
});

describe('whatever stands on a channel', () => {
  test('is a memory or is not: reading it never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readCheckpoint(text)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readCheckpoint(text)));
  });

  test('is no memory once a key of it is spoiled', () => {
    const memory = fullest('12333', '0592');
    const required = Object.keys(memory).filter((key) => !['legs', 'playing', 'talking', 'waits', 'rec'].includes(key));
    const spoiled = fc.oneof(fc.constant(undefined), fc.object(), fc.array(fc.integer()), fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...required), spoiled, (key, value) => {
        fc.pre(!(key === 'plan' && Array.isArray(value) && value.length === 0));
        expect(readCheckpoint(JSON.stringify({ ...memory, [key]: value }))).toBeUndefined();
      }),
    );
  });

  test('may be cut short: then it is no memory', () => {
    const text = writeCheckpoint(fullest('12333', '0592'));
    for (let length = 0; length < text.length; length += 1)
      expect(readCheckpoint(text.slice(0, length))).toBeUndefined();
  });
});

describe('the id of a leg', () => {
  const places = fc.record({ cursor: fc.nat(), round: fc.nat(), n: fc.nat(), takeovers: fc.nat() });

  test('tells its place', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(parseLegId(legId(place))).toEqual(place);
      }),
    );
  });

  test('of somebody else tells nothing', () => {
    for (const id of ['', '1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '-1.0.0.0', '1.0.0.0 ']) {
      expect(parseLegId(id)).toBeUndefined();
    }
  });
});

describe('a memory held up by a prompt catches up', () => {
  const { legs: _, talking: __, ...rest } = fullest('12320', '0594');
  const playing: Checkpoint = { ...rest, cursor: 1, round: 0, seq: 2, takeovers: 0 };
  /** answer, play, seats, queue, apology, hang-up */
  const [seats, queue] = [2, 3];

  test('to the place of its living legs, counting a record for each place on the way', () => {
    expect(catchUp(playing, [`${seats}.0.0.0`, `${seats}.0.1.0`])).toEqual({
      ...playing,
      cursor: seats,
      legs: ['2.0.0.0', '2.0.1.0'],
      seq: 3,
    });
    expect(catchUp(playing, [`${queue}.0.0.0`])).toMatchObject({ cursor: queue, seq: 4, legs: ['3.0.0.0'] });
  });

  test('to the furthest place, where legs of a former one have not gone yet', () => {
    expect(catchUp(playing, ['2.0.0.0', '3.0.0.0', '2.0.1.0'])).toMatchObject({ cursor: queue, legs: ['3.0.0.0'] });
  });

  test('to the round that rings; a round is no record of its own', () => {
    const first: Checkpoint = { ...playing, cursor: seats, seq: 3, legs: ['2.0.0.0'] };
    expect(catchUp(first, ['2.1.0.0'])).toMatchObject({ cursor: seats, round: 1, seq: 3, legs: ['2.1.0.0'] });
    const { legs: none, ...between } = { ...first, round: 1 };
    expect(catchUp(between, ['2.1.0.0'])).toMatchObject({ round: 1, seq: 3, legs: ['2.1.0.0'] });
  });

  test('not at all when it is up to date, or no leg lives, or none is ours', () => {
    const current: Checkpoint = { ...playing, cursor: queue, seq: 4, legs: ['3.0.0.0'] };
    expect(catchUp(current, ['3.0.0.0'])).toBe(current);
    expect(catchUp(current, ['2.0.0.0'])).toBe(current);
    expect(catchUp(playing, [])).toBe(playing);
    expect(catchUp(playing, ['somebody'])).toBe(playing);
  });
});
