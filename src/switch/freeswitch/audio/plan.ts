/**
 * Where everybody on a call belongs, and which commands bring them there from where they are. Pure: channel ids in, moves out.
 *
 *   one alone  waits: the caller in the dialplan's `socket`, a leg parked
 *   two        a pair: `uuid_bridge`
 *   three      a room: a conference, which goes on with whoever stays, whether or not anybody controls the call
 *
 * A phone that still rings counts towards a room already, so that the leg enters it by itself when it answers.
 */
import type { AudioRole } from '../../port.ts';

export type Location =
  | { readonly at: 'wait' }
  | { readonly at: 'pair'; readonly with: string }
  | { readonly at: 'room'; readonly room: string }
  | { readonly at: 'listen' | 'whisper'; readonly to: string }
  /** Going by itself to where it waits. */
  | { readonly at: 'moving' };

export interface Participant {
  readonly channelId: string;
  readonly seat: AudioRole;
  /** `queued`: it waits in a queue, and whoever is bridged with it hears the queue's music. */
  readonly state: 'ringing' | 'queued' | 'here';
}

export interface Gathering {
  readonly callerId: string;
  readonly legs: readonly Participant[];
  /** Channel of a leg by the leg's id; undefined for one that is gone. */
  readonly channelOf: (leg: string) => string | undefined;
}

export type Move =
  | { readonly do: 'bridge'; readonly channel: string; readonly with: string }
  /** @param both the channel that it is bridged with goes along. */
  | { readonly do: 'room'; readonly channel: string; readonly room: string; readonly both: boolean }
  | { readonly do: 'wait'; readonly channel: string }
  | { readonly do: 'listen' | 'whisper'; readonly channel: string; readonly to: string };

const WAIT: Location = { at: 'wait' };

const asideRoom = (callerId: string): string => `${callerId}-aside`;

/** @param anchor channel that is always there; undefined: there is none. */
function gather(
  anchor: string | undefined,
  members: readonly Participant[],
  room: string,
): ReadonlyMap<string, Location> {
  const idsIn = (state: Participant['state']) =>
    members.filter((each) => each.state === state).map(({ channelId }) => channelId);
  const [ringing, queued] = [idsIn('ringing'), idsIn('queued')];
  const here = [...(anchor === undefined ? [] : [anchor]), ...idsIn('here')];
  const [alone] = here;
  if (here.length === 1 && queued.length > 0) here.push(...queued.slice(0, 1));
  const locations = new Map<string, Location>([...here, ...ringing, ...queued].map((id) => [id, WAIT]));
  const [one, other] = here;
  if (here.length > 2 || (here.length === 2 && ringing.length > 0 && queued.length === 0)) {
    for (const id of [...here, ...ringing]) locations.set(id, { at: 'room', room });
  } else if (one !== undefined && other !== undefined) {
    locations.set(one, { at: 'pair', with: other });
    locations.set(other, { at: 'pair', with: one });
  } else if (alone !== undefined) for (const id of ringing) locations.set(id, { at: 'pair', with: alone });
  return locations;
}

function supervised({ seat }: Participant, channelOf: Gathering['channelOf']): Location {
  if (typeof seat === 'string') return WAIT;
  const listens = 'listensTo' in seat;
  const to = channelOf(listens ? seat.listensTo : seat.whispersTo);
  return to === undefined ? WAIT : { at: listens ? 'listen' : 'whisper', to };
}

/** Everybody's location by channel id; of somebody who rings, where it goes when it answers. */
export function arrange({ callerId, legs, channelOf }: Gathering): ReadonlyMap<string, Location> {
  const seated = (seat: AudioRole) => legs.filter((each) => each.seat === seat);
  return new Map([
    [callerId, WAIT], // first: moves are made in this order
    ...legs.map((each) => [each.channelId, supervised(each, channelOf)] as const),
    ...gather(undefined, seated('aside'), asideRoom(callerId)),
    ...gather(callerId, seated('with-caller'), callerId),
  ]);
}

export const isSameLocation = (one: Location | undefined, other: Location | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const partnerOf = (location: Location | undefined): string | undefined =>
  location?.at === 'pair' ? location.with : undefined;

/**
 * The commands, in order. A channel whose partner leaves goes by itself to where it waits, and so do all in a room that the
 * caller leaves: these need no command.
 * @param have where those are who are there. @param ownCalls channels of calls that phones placed: if such a channel is the
 * first in `uuid_bridge`, the phone's REFER with Replaces does not join it, but leaves it on hold.
 */
export function movesFrom(
  have: ReadonlyMap<string, Location>,
  want: ReadonlyMap<string, Location>,
  callerId: string,
  ownCalls: ReadonlySet<string> = new Set(),
): readonly Move[] {
  const now = new Map(have);
  const moves: Move[] = [];
  const leave = (channel: string): void => {
    const location = now.get(channel);
    const partner = partnerOf(location);
    if (partner !== undefined && now.has(partner)) now.set(partner, { at: 'moving' });
    if (location?.at === 'room' && channel === callerId)
      for (const [id, each] of now) if (isSameLocation(each, location)) now.set(id, { at: 'moving' });
  };
  const isMisplaced = (id: string): boolean => now.has(id) && !isSameLocation(now.get(id), want.get(id));
  for (const [id, location] of want) {
    if (location.at !== 'pair' || !isMisplaced(id) || !now.has(location.with)) continue;
    const isPassive = location.with === callerId || ownCalls.has(id);
    const [channel, other] = isPassive ? [location.with, id] : [id, location.with];
    moves.push({ do: 'bridge', channel, with: other });
    for (const each of [channel, other]) leave(each);
    now.set(channel, { at: 'pair', with: other });
    now.set(other, { at: 'pair', with: channel });
  }
  for (const [id, location] of want) {
    if (location.at !== 'room' || !isMisplaced(id)) continue;
    const partner = partnerOf(now.get(id));
    const both = partner !== undefined && isSameLocation(want.get(partner), location);
    moves.push({ do: 'room', channel: id, room: location.room, both });
    leave(id);
    for (const each of both ? [id, partner] : [id]) now.set(each, location);
  }
  for (const [id, location] of want) {
    if (!isMisplaced(id)) continue;
    if (location.at === 'listen' || location.at === 'whisper')
      moves.push({ do: location.at, channel: id, to: location.to });
    else if (location.at === 'wait' && now.get(id)?.at !== 'moving') moves.push({ do: 'wait', channel: id });
    else continue;
    leave(id);
    now.set(id, location);
  }
  return moves;
}
