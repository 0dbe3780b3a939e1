/** The audio plan of one call: the seats given last, kept on the caller's channel for whoever adopts the call. */
import type { Seat, Seating as WantedSeating } from '../../port.ts';
import type { CallerChannel, CallLeg } from '../caller.ts';
import { encodeMemory, SEATING_VARIABLE } from '../channel-variables.ts';
import type { EslEvent } from '../esl/client.ts';
import { legChannelId } from '../ids.ts';
import { keptSeating } from '../inventory.ts';
import { arrange, type Location, type Participant } from './plan.ts';

/** What the dialplan plays to the caller while no controller is there. */
const MEANWHILE_VARIABLE = 'hotline_meanwhile';

export class CallPlan {
  readonly #caller: CallerChannel;
  readonly #legs: ReadonlyMap<string, CallLeg>;
  readonly #seats = new Map<string, Seat>();
  #meanwhile: WantedSeating['meanwhile'] = 'ringing';
  #muted: readonly string[] = [];

  /** @param legs those of the call, by id, as they come and go. */
  constructor(caller: CallerChannel, legs: ReadonlyMap<string, CallLeg>) {
    this.#caller = caller;
    this.#legs = legs;
  }

  get meanwhile(): WantedSeating['meanwhile'] {
    return this.#meanwhile;
  }

  /** Leg ids, and `caller`, of those who are not to be heard. */
  get muted(): readonly string[] {
    return this.#muted;
  }

  give(leg: CallLeg, seat: Seat): void {
    this.#seats.set(leg.id, seat);
    this.#keep();
  }

  change(seating: WantedSeating): void {
    this.#set(seating);
    this.#keep();
  }

  /** @returns false when a former controller gave nobody a seat. */
  adopt(caller: EslEvent): boolean {
    const kept = keptSeating(caller);
    if (kept !== undefined) this.#set(kept);
    return kept !== undefined;
  }

  ended(leg: CallLeg): void {
    this.#seats.delete(leg.id);
  }

  /** Where everybody belongs, by channel id. */
  get locations(): ReadonlyMap<string, Location> {
    const legs = Array.from(this.#legs.values(), (leg): Participant => {
      const state = leg.isAnswered ? 'here' : leg.isQueued ? 'queued' : 'ringing';
      return { channelId: leg.channelId, seat: this.#seats.get(leg.id) ?? 'with-caller', state };
    });
    return arrange({ callerId: this.#caller.id, legs, channelOf: (id) => this.#legs.get(id)?.channelId });
  }

  /** Channels of calls that phones placed by themselves. */
  get ownCalls(): ReadonlySet<string> {
    const isOwn = ({ id, channelId }: CallLeg): boolean => channelId !== legChannelId(this.#caller.id, id);
    return new Set([...this.#legs.values()].filter(isOwn).map(({ channelId }) => channelId));
  }

  #set({ legs, meanwhile, muted }: WantedSeating): void {
    for (const [id, seat] of Object.entries(legs)) this.#seats.set(id, seat);
    this.#meanwhile = meanwhile;
    this.#muted = muted;
  }

  #keep(): void {
    const seating = { legs: Object.fromEntries(this.#seats), meanwhile: this.#meanwhile, muted: this.#muted };
    void this.#caller.setController();
    void this.#caller.set(MEANWHILE_VARIABLE, () => this.#meanwhile);
    void this.#caller.set(SEATING_VARIABLE, () => encodeMemory(JSON.stringify(seating)));
  }
}
