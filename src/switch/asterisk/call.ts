/** The caller's channel, in a bridge of its own where every leg joins it. */
import { setTimeout as delay } from 'node:timers/promises';
import { PbxCall } from '../kit/call.ts';
import type { HangupCause, Leg, LegTarget, PhoneCall, PhoneRequest, Playback, Seat, Seating } from '../port.ts';
import { type Call, CallerGone } from '../port.ts';
import type { AriChannel, AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import { Q850 } from './causes.ts';
import { ASK_US, dialling } from './dial.ts';
import { bridgeIdOf, legChannelId, playbackIdOf, takenInValue } from './ids.ts';
import { AsteriskLeg, type FoundLeg } from './leg.ts';
import { AsteriskPhoneCall, TAKEN_IN_VARIABLE } from './phone.ts';
import { AsteriskPlayback } from './playback.ts';
import { AsteriskRecording } from './recording.ts';
import { ANSWERED, answerRefer, requestOf } from './requests.ts';
import { Seats } from './seating.ts';

const ENDS = new Set(['ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed']);

export const MEMORY_VARIABLE = 'HOTLINE_MEMORY';

export interface CallPlace {
  readonly switchName: string;
  readonly app: string;
  readonly channel: AriChannel;
  readonly mediaOf: (prompts: readonly string[]) => readonly string[];
  /** Below Asterisk's own folder of recordings. */
  readonly recordingsDir: string;
}

/** How long a phone that is let go may take to hear what became of its REFER; 2 to 20 ms seen. */
const TOLD_WITHIN_MS = 200;
/** A hang-up that comes on the heels of it can overtake it in the phone, which then believes that the transfer failed. */
const TOLD_BEFORE_MS = 50;

/** What a former controller left of a call besides the caller. */
export interface LeftBehind {
  readonly inBridge: boolean;
  readonly legs: readonly FoundLeg[];
  /** Bridges of the call. */
  readonly bridges: readonly string[];
}

export class AsteriskCall extends PbxCall<AriLink> implements Call {
  readonly #place: CallPlace;
  readonly #legs = new Map<string, AsteriskLeg>();
  readonly #found: AsteriskLeg[] = [];
  readonly #seats: Seats;
  #playback: AsteriskPlayback | undefined;
  #told: ((request: PhoneRequest) => void) | undefined;
  /** Legs whose phones wait for what becomes of their REFER, and what settles when the last answer is on its way. */
  readonly #asking = new Map<string, PromiseWithResolvers<void>>();
  #bridged: Promise<unknown> | undefined;
  #memory: string | undefined;
  #writing: Promise<void> | undefined;

  constructor(link: AriLink, place: CallPlace) {
    const { id, caller, dialplan } = place.channel;
    // app_data: the application, `arrived`, and the trunk, as dialplan/asterisk/hotline.conf hands them over
    const trunk = dialplan.app_data?.split(',')[2] ?? '';
    const arrival = { dialled: dialplan.exten, caller: caller.number || null, trunk: trunk || null };
    super(link, place.switchName, id, arrival);
    this.#place = place;
    this.#seats = new Seats(link, {
      app: place.app,
      callerId: id,
      callName: this.id,
      isHere: this.isHere,
      isPrompting: () => this.#playback !== undefined,
    });
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onMissing: (restarted) => void this.end(new CallerGone(0, restarted ? 'switch' : 'caller')),
      onLetGo: () => this.letGo(),
    });
  }

  get adoptedLegs(): readonly Leg[] {
    return this.#found;
  }

  /** What a former controller left: the caller is in the bridge, and these legs live. */
  adopt({ inBridge, legs, bridges }: LeftBehind): void {
    if (inBridge) this.#bridged = Promise.resolve();
    const seats = legs.map((found) => ({ found, leg: this.#leg(found.id, found.channelId) }));
    this.#found.push(...seats.map(({ leg }) => leg));
    this.#seats.adopt(
      seats.map(({ leg, found: { bridgeId, ear, state } }) => ({ leg, bridgeId, ear, isAnswered: state === 'Up' })),
      bridges,
    );
    for (const { leg, found } of seats) void leg.adopt(found);
  }

  async answer(): Promise<void> {
    await this.link.insist('channels.answer', { channelId: this.channelId }, this.isHere);
    await this.#inBridge();
  }

  remember(memory: string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#writeMemory();
    return this.#writing;
  }

  /** Not under a playback: Asterisk would let the write, and a thread of its HTTP server, wait for the sound's end. */
  async #writeMemory(): Promise<void> {
    for (let written: string | undefined; written !== this.#memory && !this.signal.aborted; ) {
      await this.#playback?.ended;
      written = this.#memory;
      const variable = { channelId: this.channelId, variable: MEMORY_VARIABLE, value: written };
      await this.link.clearUp('channels.setChannelVar', variable, this.isHere);
    }
    this.#writing = undefined;
  }

  play(id: string, prompts: readonly string[], adopt = false): Playback {
    const playbackId = playbackIdOf(this.#place.app, this.channelId, id);
    const media = this.#place.mediaOf(prompts);
    const after = this.#inBridge();
    const playback = new AsteriskPlayback(this.link, {
      id: playbackId,
      channelId: this.channelId,
      media,
      adopt,
      after,
    });
    void playback.ended.then(() => {
      if (this.#playback !== playback) return;
      this.#playback = undefined;
      void this.#seats.settle();
    });
    this.#playback = playback;
    this.#seats.prompted();
    return playback;
  }

  dial(id: string, target: LegTarget, seat: Seat = 'with-caller'): Leg {
    const channelId = legChannelId(this.#place.app, this.channelId, id);
    const leg = this.#leg(id, channelId);
    this.#seats.expect(leg, seat);
    void leg.dial(dialling(target, this.presentation, this.id, channelId), this.#inBridge());
    return leg;
  }

  takeIn(id: string, phone: PhoneCall, seat: Seat): Leg {
    if (!(phone instanceof AsteriskPhoneCall)) throw new TypeError('a call of another PBX');
    const leg = this.#leg(id, phone.channelId);
    this.#seats.expect(leg, seat);
    void leg.ended.then(() => phone.ended());
    void leg.takeIn(phone.endpoint, { [TAKEN_IN_VARIABLE]: takenInValue(this.channelId, id), ...ASK_US });
    return leg;
  }

  async seat(seating: Seating): Promise<void> {
    await this.#inBridge();
    await this.#seats.seat(seating);
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#told = told;
  }

  /**
   * A REFER told of while nobody listened is not told again, and its phone would wait for ever: phones are told that
   * nothing comes of it. One that asked for nothing is told nothing.
   */
  forgetRequests(): void {
    for (const leg of this.#legs.values()) {
      if (leg.isAnswered && !this.#asking.has(leg.id)) void answerRefer(this.link, leg, 'refused');
    }
  }

  record(name: string, adopt = false) {
    const { app, recordingsDir } = this.#place;
    const bridgeId = bridgeIdOf(app, this.channelId);
    const [file, after] = [`${recordingsDir}/${name}`, this.#inBridge()];
    return this.recordings.record(() => new AsteriskRecording(this.link, { name: file, bridgeId, adopt, after }));
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    const how = { channelId: this.channelId, reason_code: String(Q850[cause]) };
    await this.link.clearUp('channels.hangup', how, this.isHere);
    await this.cleared;
  }

  async release(): Promise<void> {
    await this.#hangupLegs();
    const fallback = { context: 'hotline-fallback', extension: this.arrival.dialled, priority: 1 };
    await this.link.clearUp('channels.continueInDialplan', { channelId: this.channelId, ...fallback }, this.isHere);
    await this.cleared;
  }

  #leg(id: string, channelId: string): AsteriskLeg {
    const { app, mediaOf } = this.#place;
    const leg = new AsteriskLeg(this.link, {
      id,
      channelId,
      callerId: this.channelId,
      app,
      mediaOf,
      call: {
        enter: (entering, isWanted) => this.#seats.enter(entering, isWanted),
        changed: () => void this.#seats.settle(),
        leaving: (leaving) => this.#release(leaving),
        asked: (asking, event) => this.#asked(asking, event),
      },
    });
    this.#legs.set(id, leg);
    void leg.ended.then(() => {
      this.#legs.delete(id);
      if (!this.signal.aborted) void this.#seats.left(leg);
    });
    return leg;
  }

  /**
   * A phone that is let go while its REFER is open has done its part: it is told so. Without that Asterisk would say 503
   * with the hang-up, and the agent would believe that the transfer failed.
   */
  async #release(leg: AsteriskLeg): Promise<void> {
    const asking = this.#asking.get(leg.id);
    if (asking === undefined || !leg.isAnswered) return;
    await answerRefer(this.link, leg, 'completed');
    await Promise.race([asking.promise.then(() => delay(TOLD_BEFORE_MS)), delay(TOLD_WITHIN_MS)]);
    this.#asking.delete(leg.id);
  }

  #asked(leg: AsteriskLeg, event: AriEvent): void {
    const legAt = (channelId: string) => [...this.#legs.values()].find((each) => each.channelId === channelId);
    if (event.state === ANSWERED) this.#asking.get(leg.id)?.resolve();
    if (event.state !== undefined) return; // Asterisk has passed our own answer on
    const isOver = (): void => void this.#asking.delete(leg.id);
    const request = requestOf(this.link, { leg, isOver }, event, legAt);
    if (request !== undefined && request.kind !== 'key') this.#asking.set(leg.id, Promise.withResolvers());
    if (request === undefined) return;
    if (this.#told !== undefined) this.#told(request);
    else if (request.kind !== 'key') void request.answer('refused');
  }

  #inBridge(): Promise<unknown> {
    this.#bridged ??= this.#seats.enterCaller();
    return this.#bridged;
  }

  /** The hang-up request comes first and brings the cause; without one the channel was taken away, by an operator say. */
  #onEvent(event: AriEvent): void {
    if (ENDS.has(event.type)) void this.end(new CallerGone(event.cause ?? 0));
  }

  protected async clear(): Promise<void> {
    this.#playback?.gone();
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.ended)); // deleting a bridge under a hang-up can change its cause
    await this.#seats.clear();
  }

  protected override letGo(): void {
    this.#seats.letGo();
    super.letGo();
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.drop()));
  }
}
