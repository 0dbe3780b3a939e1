/** The audio plan of one call: the seats given last, kept on the caller's channel for whoever adopts the call. */
import type { AudioPlan, AudioRole } from '../../port.ts';
import type { CallerChannel, CallLeg } from '../caller.ts';
import { encodeMemory, SEATING_VARIABLE } from '../channel-variables.ts';
import type { EslEvent } from '../esl/client.ts';
import { legChannelId } from '../ids.ts';
import { keptAudioPlan } from '../inventory.ts';
import { arrange, type Location, type Participant } from './plan.ts';

/** What the dialplan plays to the caller while no controller is there. */
const WAIT_TONE_VARIABLE = 'hotline_meanwhile';

export class CallPlan {
  readonly #caller: CallerChannel;
  readonly #legs: ReadonlyMap<string, CallLeg>;
  readonly #roles = new Map<string, AudioRole>();
  #waitTone: AudioPlan['waitTone'] = 'ringing';
  #muted: readonly string[] = [];

  /** @param legs those of the call, by id, as they come and go. */
  constructor(caller: CallerChannel, legs: ReadonlyMap<string, CallLeg>) {
    this.#caller = caller;
    this.#legs = legs;
  }

  get waitTone(): AudioPlan['waitTone'] {
    return this.#waitTone;
  }

  /** Leg ids, and `caller`, of those who are not to be heard. */
  get muted(): readonly string[] {
    return this.#muted;
  }

  give(leg: CallLeg, role: AudioRole): void {
    this.#roles.set(leg.id, role);
    this.#keep();
  }

  change(plan: AudioPlan): void {
    this.#set(plan);
    this.#keep();
  }

  /** @returns false when a former controller gave nobody a role. */
  adopt(caller: EslEvent): boolean {
    const kept = keptAudioPlan(caller);
    if (kept !== undefined) this.#set(kept);
    return kept !== undefined;
  }

  ended(leg: CallLeg): void {
    this.#roles.delete(leg.id);
  }

  /** Where everybody belongs, by channel id. */
  get locations(): ReadonlyMap<string, Location> {
    const legs = Array.from(this.#legs.values(), (leg): Participant => {
      const state = leg.isAnswered ? 'here' : leg.isQueued ? 'queued' : 'ringing';
      return { channelId: leg.channelId, seat: this.#roles.get(leg.id) ?? 'with-caller', state };
    });
    return arrange({ callerId: this.#caller.id, legs, channelOf: (id) => this.#legs.get(id)?.channelId });
  }

  /** Channels of calls that phones placed by themselves. */
  get ownCalls(): ReadonlySet<string> {
    const isOwn = ({ id, channelId }: CallLeg): boolean => channelId !== legChannelId(this.#caller.id, id);
    return new Set([...this.#legs.values()].filter(isOwn).map(({ channelId }) => channelId));
  }

  #set({ legs, waitTone, muted }: AudioPlan): void {
    for (const [id, role] of Object.entries(legs)) this.#roles.set(id, role);
    this.#waitTone = waitTone;
    this.#muted = muted;
  }

  #keep(): void {
    const plan = { legs: Object.fromEntries(this.#roles), meanwhile: this.#waitTone, muted: this.#muted };
    void this.#caller.setController();
    void this.#caller.set(WAIT_TONE_VARIABLE, () => this.#waitTone);
    void this.#caller.set(SEATING_VARIABLE, () => encodeMemory(JSON.stringify(plan)));
  }
}
