/** A call that an agent's phone places: the dialplan's `socket` holds it until it is taken into a call, or refused. */
import type { PhoneCall } from '../port.ts';
import type { EslEvent, OutboundSocket } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { FreeSwitchPlayback } from './playback.ts';

/** Context of `dialplan/freeswitch/hotline.xml` for what agents' phones dial. */
export const PHONE_CONTEXT = 'hotline-agents';

/** Endpoint of the phone; set by the PBX's own dialplan, not by the phone. */
const PHONE_VARIABLE = 'hotline_phone';

/** How long the phone stays parked while nobody controls the call. */
const PARKED_SECONDS = 30;

/** The call that it becomes a leg of. */
export interface TakenFor {
  readonly callerId: string;
  readonly route: Readonly<Record<string, string>>;
}

export class FreeSwitchPhoneCall implements PhoneCall {
  readonly endpoint: string;
  readonly dialled: string;
  readonly channelId: string;
  readonly #link: EslLink;
  readonly #socket: OutboundSocket;
  readonly #filesOf: (prompts: readonly string[]) => readonly string[];
  readonly #gone = new AbortController();

  constructor(
    link: EslLink,
    channel: EslEvent,
    socket: OutboundSocket,
    filesOf: (prompts: readonly string[]) => readonly string[],
  ) {
    this.#link = link;
    this.#socket = socket;
    this.#filesOf = filesOf;
    this.channelId = channel['Unique-ID'] ?? '';
    this.endpoint = channel[`variable_${PHONE_VARIABLE}`] ?? '';
    this.dialled = channel['Caller-Destination-Number'] ?? '';
    link.route(this.channelId, socket.commands);
    void socket.closed.then(() => link.unroute(this.channelId, socket.commands));
    link.listen(this.channelId, {
      kind: 'channel',
      onEvent: (event) => event['Event-Name'] === 'CHANNEL_HANGUP' && this.#end(),
      onMissing: () => this.#end(),
      onLetGo: () => socket.continueInDialplan(),
    });
    const ringing = { application: 'ring_ready', argument: '' };
    void link.clearUp(() => link.execute(this.channelId, ringing), this.#isHere);
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  async refuse(prompts: readonly string[]): Promise<void> {
    const { channelId } = this;
    await this.#link.clearUp(() => this.#link.api('uuid_answer', channelId), this.#isHere);
    const request = { channelId, files: this.#filesOf(prompts), adopt: false, locked: false };
    const playback = new FreeSwitchPlayback(this.#link, { ...request, id: `${channelId}~~refused` });
    await Promise.race([playback.ended, this.#over()]);
    playback.gone();
    await this.#link.clearUp(() => this.#link.api('uuid_kill', channelId, 'CALL_REJECTED'), this.#isHere);
    await this.#over();
  }

  /**
   * Answers it and parks it like every other leg; the leg, which listens to the channel from now on, gets the events.
   * @returns false when the phone has given up.
   */
  async take({ callerId, route }: TakenFor): Promise<boolean> {
    const { channelId } = this;
    const variables: Readonly<Record<string, string>> = {
      hotline_leg_uuid: channelId,
      hotline_caller: callerId,
      hotline_endpoint: this.endpoint,
      park_timeout: String(PARKED_SECONDS),
      socket_resume: 'false',
      ...route,
    };
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const set = () => this.#link.api('uuid_setvar_multi', channelId, words.join(';'));
    if (!(await this.#link.clearUp(set, this.#isHere))) return false;
    await this.#link.clearUp(() => this.#link.api('uuid_answer', channelId), this.#isHere);
    const wait = () => this.#link.api('uuid_transfer', channelId, 'leg', 'XML', 'hotline-leg');
    return this.#link.clearUp(wait, this.#isHere);
  }

  readonly #isHere = (): boolean => !this.#gone.signal.aborted;

  async #over(): Promise<void> {
    const { signal } = this.#gone;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  #end(): void {
    this.#link.unlisten(this.channelId);
    this.#gone.abort();
    this.#socket.continueInDialplan();
  }
}
