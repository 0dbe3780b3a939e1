/**
 * What agents' phones ask for on a call. FreeSWITCH answers a REFER by itself: it takes the other end out of the talk and
 * sends it into the dialplan, to the number in the REFER. Our channels go to a context that dials nothing: its `socket` brings
 * the channel here, and `blind_transfer_ack` tells the phone our answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PhoneRequest, RequestAnswer } from '../port.ts';
import type { CallAudio } from './audio/audio.ts';
import type { CallLeg } from './caller.ts';
import type { EslEvent, OutboundSocket } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';

/** Context of `dialplan/freeswitch/hotline.xml` for a channel whose other end asked for its transfer. */
export const REFER_CONTEXT = 'hotline-refer';

/** Host of a Refer-To, without port. */
const REFERRED_HOST = /@([^@:;>?\s]+)/;
/** The PBX's addresses, as the phone knows them. */
const OWN_HOSTS = [
  'variable_sip_from_host',
  'variable_sip_local_network_addr',
  'variable_local_media_ip',
  'variable_domain_name',
];

/** From the REFER to the channel's arrival here. FreeSWITCH takes about 5 ms. */
const ARRIVES_WITHIN_MS = 2_000;
/** Whoever accepts changes the audio plan right afterwards. */
const SEATED_WITHIN_MS = 100;
/** From a refusal to the bridge of the two. FreeSWITCH takes about 70 ms. */
const JOINED_WITHIN_MS = 300;
/** From our answer to the NOTIFY. FreeSWITCH takes about 20 ms. */
const TOLD_WITHIN_MS = 300;

const DTMF_KEY = /^[0-9*#]$/;

/** The channel that a phone wants transferred, and where its commands go. */
type Asked = Pick<OutboundSocket, 'channel' | 'commands'>;

export class Requests {
  readonly #link: EslLink;
  readonly #legs: ReadonlyMap<string, CallLeg>;
  /** Nobody is moved until the phone has its answer. */
  readonly #audio: CallAudio;
  readonly #expected = new Set<CallLeg | undefined>();
  /** Phones that wait for an answer. */
  readonly #open = new Map<CallLeg, OutboundSocket>();
  #told: ((request: PhoneRequest) => void) | undefined;

  /** @param legs those of the call, by id, as they come and go. */
  constructor(link: EslLink, legs: ReadonlyMap<string, CallLeg>, audio: CallAudio) {
    this.#link = link;
    this.#legs = legs;
    this.#audio = audio;
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#told = told;
  }

  key(leg: CallLeg, key: string): void {
    if (DTMF_KEY.test(key)) this.#told?.({ kind: 'key', leg: leg.id, key });
  }

  /** A phone asks; the channel that it wants transferred is on its way to us. */
  expect(leg: CallLeg): void {
    this.#expected.add(leg);
    this.#audio.hold(true);
    setTimeout(() => {
      if (this.#expected.delete(leg)) this.#audio.hold(false);
    }, ARRIVES_WITHIN_MS).unref();
  }

  /** The channel that a phone wants transferred; a refusal brings it back to that phone. */
  refer(socket: OutboundSocket): void {
    const { channel } = socket;
    const asker = channel.variable_blind_transfer_uuid ?? '';
    const leg = [...this.#legs.values()].find((each) => each.isOn(asker));
    this.#expected.delete(leg);
    this.#audio.hold(true);
    if (this.#told === undefined || leg === undefined) {
      void this.#tellPhone(socket, asker, false);
      return;
    }
    this.#open.set(leg, socket);
    void leg.ended.then(() => this.#open.delete(leg));
    const answer = async (answer: RequestAnswer): Promise<void> => {
      if (this.#open.get(leg) !== socket) return; // FreeSWITCH tells the phone once
      this.#open.delete(leg);
      await this.#tellPhone(socket, asker, answer === 'accepted' || answer === 'completed');
    };
    void this.#targetOf(channel, asker).then((to) => this.#told?.({ kind: 'refer', leg: leg.id, to, answer }));
  }

  /** A phone that is hung up before its answer has done its part, and is told so first. */
  async release(leg: CallLeg): Promise<void> {
    const socket = this.#open.get(leg);
    if (socket === undefined) return;
    this.#open.delete(leg);
    await this.#acknowledge(socket, true);
    this.#audio.hold(false);
  }

  /** FreeSWITCH gives the user part alone. With a host that is not the PBX's own, it is no number of ours. */
  async #targetOf(channel: EslEvent, asker: string): Promise<string> {
    const user = channel['Caller-Destination-Number'] ?? '';
    const host = REFERRED_HOST.exec(channel.variable_sip_refer_to ?? '')?.[1];
    let phone: EslEvent = {};
    await this.#link.clearUp(async () => {
      phone = await this.#link.dump(asker);
    });
    const isOwn = OWN_HOSTS.some((name) => phone[name] === host);
    return host === undefined || isOwn ? user : `${user}@${host}`;
  }

  /** After a refusal FreeSWITCH bridges the two again. If it does not, the audio plan does, once it is no longer held. */
  async #tellPhone({ channel, commands }: Asked, asker: string, isTaken: boolean): Promise<void> {
    const id = channel['Unique-ID'] ?? '';
    await this.#acknowledge({ channel, commands }, isTaken);
    const isInQueue = channel.variable_hotline_leg_uuid !== undefined;
    if (isTaken && isInQueue) await this.#link.clearUp(() => this.#link.api('uuid_bridge', id, asker));
    await delay(isTaken ? SEATED_WITHIN_MS : JOINED_WITHIN_MS);
    this.#audio.hold(false);
  }

  /** Resolves when the phone has been told. */
  async #acknowledge({ channel, commands }: Asked, isTaken: boolean): Promise<void> {
    const channelId = channel['Unique-ID'] ?? '';
    const id = `${channelId}~~told`;
    const told = Promise.withResolvers<void>();
    this.#link.listen(id, { kind: 'playback', onEvent: () => told.resolve(), onMissing: () => told.resolve() });
    const ack = { application: 'blind_transfer_ack', argument: String(isTaken), id };
    const isAsked = await this.#link.clearUp(() => commands.execute(channelId, ack));
    if (isAsked) await Promise.race([told.promise, delay(TOLD_WITHIN_MS, undefined, { ref: false })]);
    this.#link.unlisten(id);
  }

  /** FreeSWITCH has ended a phone's own call, to join its other end with the phone's first call, and has told the phone so. */
  attended(consulted: CallLeg): void {
    const isOther = (each: CallLeg) => each !== consulted && each.endpoint === consulted.endpoint;
    const leg = [...this.#legs.values()].find(isOther);
    if (leg === undefined) return;
    const answer = async (): Promise<void> => undefined;
    this.#told?.({ kind: 'refer-attended', leg: leg.id, consulted: consulted.id, answer });
  }
}
