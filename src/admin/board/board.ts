/**
 * The board: what the records of calls add up to. A projection and nothing else: it reads no clock and no file, and the same
 * records give the same board, whether they come live or from the file after a restart. Memory is bounded.
 *
 * A record is told apart by `(callId, seq)`; a repeat moves nothing.
 */
import type { PastRecord } from '../../records/record.ts';
import { Agents } from './agents.ts';
import { Levels, TREND_MINUTES } from './levels.ts';
import { firstSeen, type LiveCall, moved, timeOf } from './live-call.ts';
import { CALL_STATES, type DestinationShown, type Figures } from './shown.ts';

/** Calls whose end is remembered, so that a record that comes twice brings none of them back. */
const ENDED_AT_MOST = 10_000;
/** More calls than any controller carries; the oldest is given up. */
const CALLS_AT_MOST = 50_000;

type Ended = Extract<PastRecord, { type: 'ended' }>;

/** Served on by the fallback of the PBX: neither answered by us nor missed. */
const isGivenBack = ({ cause }: Ended): boolean => cause === 'given-back';

const countBy = (calls: Iterable<LiveCall>, key: (call: LiveCall) => string | null): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const of = key(call);
    if (of !== null) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return counts;
};

export class Board {
  readonly #calls = new Map<string, LiveCall>();
  readonly #ended = new Set<string>();
  readonly #levels = new Levels();
  readonly #agents = new Agents();
  /** Calls that have moved, or are over, since the last look; undefined: nobody looks. */
  #changed: Set<string> | undefined;

  get size(): number {
    return this.#calls.size;
  }

  /** The one that arrived first, first. */
  get calls(): IteratorObject<LiveCall> {
    return this.#calls.values();
  }

  call(id: string): LiveCall | undefined {
    return this.#calls.get(id);
  }

  take(record: PastRecord): void {
    if (this.#ended.has(record.callId)) return;
    const known = this.#calls.get(record.callId);
    const call = known ?? firstSeen(record);
    if (record.seq <= call.seq) return;
    this.#count(call, record);
    this.#changed?.add(call.id);
    if (record.type === 'ended') this.#forget(call.id);
    else this.#keep(moved(call, record));
  }

  /** Drops calls that nobody carries any more: their end came while no controller was there to see it. */
  dropAllBut(carried: ReadonlySet<string>): void {
    for (const call of this.#calls.values()) {
      if (carried.has(call.id)) continue;
      this.#agents.left(call.id, call.agent, call.since);
      this.#calls.delete(call.id);
      this.#changed?.add(call.id);
    }
  }

  /** Nobody asks for changes any more: they are not kept. */
  forgetChanges(): void {
    this.#changed = undefined;
  }

  /** What has moved since this was last asked; nothing, the first time. */
  changes(): { readonly calls: readonly LiveCall[]; readonly gone: readonly string[] } {
    const ids = [...(this.#changed ?? [])];
    this.#changed = new Set();
    const calls = ids.flatMap((id) => this.#calls.get(id) ?? []);
    return { calls, gone: ids.filter((id) => !this.#calls.has(id)) };
  }

  /** @param now Unix milliseconds. @param minutes of the trend, at most 360. */
  figures(now: number, minutes = 2): Figures {
    const calls = [...this.#calls.values()];
    const states = countBy(calls, ({ state }) => state);
    const perState = Object.fromEntries(CALL_STATES.map((state) => [state, states.get(state) ?? 0]));
    const prompt = calls.reduce((count, call) => count + Number(call.prompt), 0);
    return {
      live: { ...perState, prompt, total: calls.length } as Figures['live'],
      hour: this.#levels.hour(now),
      day: this.#levels.day(now),
      numbers: this.#levels.of(
        'numbers',
        now,
        countBy(calls, ({ number }) => number),
      ),
      regions: this.#levels.of(
        'regions',
        now,
        countBy(calls, ({ region }) => region),
      ),
      waits: this.#levels.waits(now),
      destinations: this.destinations(),
      agents: this.#agents.shown(now),
      minutes: this.#levels.minutes(now, Math.min(minutes, TREND_MINUTES)),
    };
  }

  /** Places where somebody waits or talks. */
  destinations(): readonly DestinationShown[] {
    const places = new Map<string, { waiting: number; waitingSince: number | null; talking: number }>();
    for (const { to, state, since } of this.#calls.values()) {
      if (to === null) continue;
      const place = places.get(to) ?? { waiting: 0, waitingSince: null, talking: 0 };
      places.set(to, place);
      if (state === 'talking') place.talking += 1;
      else {
        place.waiting += 1;
        place.waitingSince = Math.min(place.waitingSince ?? since, since);
      }
    }
    return Array.from(places, ([id, place]) => ({ id, ...place }));
  }

  #count(call: LiveCall, record: PastRecord): void {
    const at = timeOf(record);
    if (record.type === 'arrived' && record.number !== null) this.#levels.arrived(record, at);
    if (record.type === 'answered') {
      if (call.waitedMs === null) this.#levels.answered(record, at, record.waitedMs);
      this.#agents.left(call.id, call.agent, at);
      if (record.agent !== null) this.#agents.answered(record.agent, record.to, call.id, at);
    }
    if (record.type !== 'answered' && moved(call, record).agent !== call.agent)
      this.#agents.left(call.id, call.agent, at);
    if (record.type === 'ended') this.#countEnd(call, record, at);
  }

  #countEnd(call: LiveCall, record: Ended, at: number): void {
    this.#agents.left(call.id, call.agent, at);
    const isAnswered = call.missed === null && (call.waitedMs !== null || record.answeredBy !== null);
    if (record.number !== null && !isAnswered && !isGivenBack(record)) this.#levels.missed(record, at, record.ms);
  }

  #keep(call: LiveCall): void {
    this.#calls.set(call.id, call);
    if (this.#calls.size <= CALLS_AT_MOST) return;
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    this.#calls.delete(id);
    this.#changed?.add(id);
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > ENDED_AT_MOST && oldest !== undefined) this.#ended.delete(oldest);
  }
}
