/**
 * Post-answer routes: variables of a leg's channel that tell the dialplan where the leg goes when it answers, or the next time
 * it is alone. So it goes there even if nobody controls the call.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallLeg } from '../caller.ts';
import type { EslLink } from '../esl/link.ts';
import type { Location } from './plan.ts';

/** Waits between the tries to write on a leg that is being dialled: its channel exists by the last of them. */
const MADE_TRIES_MS = [0, 50, 200, 500, 1_000];

/** Variables of the leg's channel, by which the dialplan reads where it goes. */
export type PostAnswerRoute = Readonly<Record<string, string>>;

function routeOf(location: Location | undefined): PostAnswerRoute {
  switch (location?.at) {
    case 'pair':
      return { hotline_goes: 'pair', hotline_with: location.with };
    case 'room':
      return { hotline_goes: 'room', hotline_with: location.room };
    case 'listen':
    case 'whisper':
      return {
        hotline_goes: location.at,
        hotline_with: location.to,
        eavesdrop_whisper_bleg: String(location.at === 'whisper'),
      };
    case 'wait':
    case 'moving':
    case undefined:
      return { hotline_goes: 'wait' };
    default:
      return location satisfies never;
  }
}

export class PostAnswerRoutes {
  readonly #link: EslLink;
  /** Route that was written last on each ringing leg, by its id. */
  readonly #written = new Map<string, string>();

  constructor(link: EslLink) {
    this.#link = link;
  }

  /** For a leg that is about to be dialled. @returns variables to dial it with. */
  invite(leg: CallLeg, location: Location | undefined): PostAnswerRoute {
    const route = routeOf(location);
    this.#written.set(leg.id, JSON.stringify(route));
    return route;
  }

  /** Writes the routes of ringing legs that have changed. */
  updateRinging(legs: Iterable<CallLeg>, want: ReadonlyMap<string, Location>): void {
    for (const leg of legs) {
      if (leg.isAnswered || leg.isQueued) continue;
      const route = routeOf(want.get(leg.channelId));
      if (this.#written.get(leg.id) === JSON.stringify(route)) continue;
      this.#written.set(leg.id, JSON.stringify(route));
      void this.#rewrite(leg, route);
    }
  }

  async set(channelId: string, location: Location): Promise<void> {
    await this.#write(channelId, routeOf(location));
  }

  ended(leg: CallLeg): void {
    this.#written.delete(leg.id);
  }

  async #rewrite(leg: CallLeg, route: PostAnswerRoute): Promise<void> {
    const isWanted = () => this.#written.get(leg.id) === JSON.stringify(route) && !leg.isAnswered;
    for (const wait of MADE_TRIES_MS) {
      if (wait > 0) await delay(wait);
      if (!isWanted() || (await this.#write(leg.channelId, route))) return;
    }
  }

  /** Under other names than those it was dialled with: FreeSWITCH writes those again when it is answered. */
  async #write(channelId: string, route: PostAnswerRoute): Promise<boolean> {
    const { hotline_goes = 'wait', hotline_with = '', eavesdrop_whisper_bleg = 'false' } = route;
    const written = { goes: hotline_goes, with: hotline_with, whispers: eavesdrop_whisper_bleg };
    const text = Object.entries(written).map(([name, value]) => `hotline_told_${name}=${value}`);
    return this.#link.clearUp(() => this.#link.api('uuid_setvar_multi', channelId, text.join(';')));
  }
}
