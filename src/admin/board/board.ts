/**
 * The board: what the records of all calls add up to. It is a projection only: it reads no clock and no file, so the same
 * records give the same board, whether they come live or from the file after a restart. Memory is bounded. A record that
 * comes twice, with the same `(callId, seq)`, changes nothing.
 */
import { CALL_STATES, type CallView, CallViews, isMissed, type Step, timeOf } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import { Agents } from './agents.ts';
import { Levels, TREND_MINUTES } from './levels.ts';
import type { DestinationShown, Figures } from './view-model.ts';

const countBy = (calls: Iterable<CallView>, key: (call: CallView) => string | null): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const of = key(call);
    if (of !== null) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return counts;
};

export class Board {
  readonly #calls = new CallViews();
  readonly #levels = new Levels();
  readonly #agents = new Agents();
  /** Ids of calls that have changed or ended since they were last asked for; undefined: nobody asks. */
  #changed: Set<string> | undefined;

  get size(): number {
    return this.#calls.size;
  }

  /** Calls that are up, the longest first. */
  get calls(): IteratorObject<CallView> {
    return this.#calls.all;
  }

  call(id: string): CallView | undefined {
    return this.#calls.get(id);
  }

  take(record: PastRecord): void {
    const step = this.#calls.take(record);
    if (step === undefined) return;
    this.#count(step, record);
    this.#changed?.add(record.callId);
    if (step.dropped !== undefined) this.#changed?.add(step.dropped);
  }

  /** Drops calls that no controller carries any more: they ended while none ran. */
  dropAllBut(carried: ReadonlySet<string>): void {
    for (const call of this.#calls.all) {
      if (carried.has(call.id)) continue;
      this.#agents.left(call.id, call.agent, call.since);
      this.#calls.drop(call.id);
      this.#changed?.add(call.id);
    }
  }

  /** Stops collecting changes, until somebody asks for them again. */
  forgetChanges(): void {
    this.#changed = undefined;
  }

  /** What has changed since this was last asked; nothing, the first time. */
  changes(): { readonly calls: readonly CallView[]; readonly gone: readonly string[] } {
    const ids = [...(this.#changed ?? [])];
    this.#changed = new Set();
    const calls = ids.flatMap((id) => this.#calls.get(id) ?? []);
    return { calls, gone: ids.filter((id) => this.#calls.get(id) === undefined) };
  }

  /** @param now Unix milliseconds. @param minutes of the trend, at most 360. */
  figures(now: number, minutes = 2): Figures {
    const calls = [...this.#calls.all];
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

  /** Destinations where somebody waits or talks. */
  destinations(): readonly DestinationShown[] {
    const places = new Map<string, { waiting: number; waitingSince: number | null; talking: number }>();
    for (const { to, state, since } of this.#calls.all) {
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

  #count({ before, after }: Step, record: PastRecord): void {
    const at = timeOf(record);
    if (record.type === 'arrived' && record.number !== null) this.#levels.arrived(record, at);
    if (record.type === 'answered' && before.waitedMs === null) this.#levels.answered(record, at, record.waitedMs);
    if (isMissed(after.outcome)) this.#levels.missed(record, at, record.ms);
    if (record.type === 'answered' || record.type === 'ended' || after.agent !== before.agent)
      this.#agents.left(before.id, before.agent, at);
    if (record.type === 'answered' && record.agent !== null)
      this.#agents.answered(record.agent, record.to, before.id, at);
  }
}
