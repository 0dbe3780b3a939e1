import { describe, expect, it } from 'vitest';
import { arrange, type Location, movesFrom, type Participant } from '../../../src/switch/freeswitch/audio/plan.ts';
import type { AudioRole } from '../../../src/switch/port.ts';

const leg = (channelId: string, seat: AudioRole, state: Participant['state'] = 'here'): Participant => ({
  channelId,
  seat,
  state,
});

const locations = (...legs: Participant[]) =>
  Object.fromEntries(
    arrange({ callerId: 'c', legs, channelOf: (id) => legs.find(({ channelId }) => channelId === id)?.channelId }),
  );

const moves = (have: Record<string, Location>, ...legs: Participant[]) =>
  movesFrom(new Map(Object.entries(have)), new Map(Object.entries(locations(...legs))), 'c');

const pairOf = (one: string, other: string): Record<string, Location> => ({
  [one]: { at: 'pair', with: other },
  [other]: { at: 'pair', with: one },
});
const waiting = { at: 'wait' } as const;

describe('where everybody on a FreeSWITCH belongs', () => {
  it('pairs the caller with the one who is there, and leaves others waiting', () => {
    expect(locations(leg('o', 'with-caller'), leg('t', 'apart'))).toEqual({ ...pairOf('c', 'o'), t: waiting });
  });

  it('puts three into a room, and one who still rings as well', () => {
    const room = { at: 'room', room: 'c' };
    expect(locations(leg('o', 'with-caller'), leg('t', 'with-caller', 'ringing'))).toEqual({
      c: room,
      o: room,
      t: room,
    });
  });

  it('tells a phone that rings whom it is meant for, while that one waits', () => {
    expect(locations(leg('o', 'aside'), leg('t', 'aside', 'ringing'))).toEqual({
      c: waiting,
      o: waiting,
      t: { at: 'pair', with: 'o' },
    });
  });

  it('lets one alone hear the music of a queue, and two who talk not', () => {
    expect(locations(leg('q', 'with-caller', 'queued'))).toEqual(pairOf('c', 'q'));
    expect(locations(leg('o', 'with-caller'), leg('q', 'with-caller', 'queued'))).toEqual({
      ...pairOf('c', 'o'),
      q: waiting,
    });
  });

  it('has a supervisor wait whose agent is gone', () => {
    expect(locations(leg('s', { listensTo: 'gone' }))).toMatchObject({ s: waiting });
  });
});

describe('what brings them there', () => {
  it('lets a phone’s own call be joined to others, and not the others to it: its REFER would hold them else', () => {
    const want = new Map(Object.entries(pairOf('own', 't')));
    const have = new Map<string, Location>([
      ['own', waiting],
      ['t', waiting],
    ]);
    expect(movesFrom(have, want, 'c', new Set(['own']))).toEqual([{ do: 'bridge', channel: 't', with: 'own' }]);
    expect(movesFrom(have, want, 'c')).toEqual([{ do: 'bridge', channel: 'own', with: 't' }]);
  });

  it('commands nothing when all are where they belong', () => {
    expect(moves(pairOf('c', 'o'), leg('o', 'with-caller'))).toEqual([]);
  });

  it('takes an agent out of a talk with one bridge, and the caller waits by itself', () => {
    const have = { ...pairOf('c', 'o'), t: waiting };
    expect(moves(have, leg('o', 'aside'), leg('t', 'aside'))).toEqual([{ do: 'bridge', channel: 'o', with: 't' }]);
  });

  it('has the caller wait, and the agent then does so by itself', () => {
    expect(moves(pairOf('c', 'o'), leg('o', 'apart'))).toEqual([{ do: 'wait', channel: 'c' }]);
  });

  it('takes two who talk into a room together, then the third', () => {
    const have = { ...pairOf('c', 'o'), t: waiting };
    expect(moves(have, leg('o', 'with-caller'), leg('t', 'with-caller'))).toEqual([
      { do: 'room', channel: 'c', room: 'c', both: true },
      { do: 'room', channel: 't', room: 'c', both: false },
    ]);
  });

  it('makes a pair of who is left in a room', () => {
    const room = { at: 'room', room: 'c' } as const;
    expect(moves({ c: room, t: room }, leg('t', 'with-caller'))).toEqual([{ do: 'bridge', channel: 'c', with: 't' }]);
  });

  it('does not move one who only rings', () => {
    expect(moves({ c: waiting }, leg('t', 'with-caller', 'ringing'))).toEqual([]);
  });
});
