/**
 * The small client the Asterisk adapter talks to: operations by name with plain parameters, events as plain objects.
 * No object of any ARI library crosses it, so another transport (REST over the event WebSocket) can take its place.
 */

import { PbxError } from '../../kit/link.ts';

/** Name of an ARI operation as Asterisk's own API description has it: resource, dot, nickname. */
export type AriOperation =
  | `applications.${'get' | 'filter' | 'subscribe' | 'unsubscribe'}`
  | 'asterisk.getInfo'
  | `bridges.${'createWithId' | 'addChannel' | 'destroy' | 'list' | 'playWithId' | 'record'}`
  | `channels.${'answer' | 'continueInDialplan' | 'create' | 'dial' | 'get' | 'getChannelVar' | 'hangup' | 'list' | 'playWithId' | 'setChannelVar'}`
  | `channels.${'mute' | 'unmute' | 'ring' | 'ringStop' | 'startMoh' | 'stopMoh' | 'snoopChannelWithId' | 'transfer_progress'}`
  | `playbacks.${'get' | 'stop'}`
  | `recordings.${'getLive' | 'stop'}`;

export type AriParams = Readonly<Record<string, unknown>>;

/** A channel as ARI's `Channel` model has it; only what we read. */
export interface AriChannel {
  readonly id: string;
  /** Technology and resource, e.g. `PJSIP/12333-xiamen-1-00000001`. */
  readonly name?: string;
  readonly state: string;
  readonly caller: { readonly name: string; readonly number: string };
  readonly dialplan: { readonly exten: string; readonly app_data?: string };
}

export interface AriEvent {
  readonly type: string;
  readonly args?: readonly string[];
  readonly cause?: number;
  readonly channel?: AriChannel;
  readonly playback?: { readonly id: string; readonly state: string };
  /** A key: `0` to `9`, `A` to `D`, `*`, `#`. */
  readonly digit?: string;
  /** Of a REFER: absent when a phone asks, else what we said of it ourselves. */
  readonly state?: string;
  readonly refer_to?: ReferTo;
  readonly referred_by?: ReferredBy;
  /** `duration` in whole seconds, at its end. */
  readonly recording?: { readonly name: string; readonly duration?: number };
}

/** What a phone asks for by SIP REFER. */
export interface ReferTo {
  /** `protocol_id`: Call-ID of the dialog to be replaced. */
  readonly requested_destination: { readonly destination?: string; readonly protocol_id?: string };
  /** The channel of that dialog, where this PBX has one. */
  readonly destination_channel?: Pick<AriChannel, 'id'>;
}

export interface ReferredBy {
  /** The channel of the phone that asks. */
  readonly source_channel: Pick<AriChannel, 'id'>;
  /** The other one in its bridge, when there is exactly one. */
  readonly connected_channel?: Pick<AriChannel, 'id'>;
}

/** The event types the adapter reads; nothing else is subscribed to. */
export const EVENTS_READ = [
  'StasisStart',
  'StasisEnd',
  'ChannelStateChange',
  'ChannelHangupRequest',
  'ChannelDestroyed',
  'PlaybackFinished',
  'ChannelDtmfReceived',
  'ChannelTransfer',
  'RecordingStarted',
  'RecordingFinished',
  'RecordingFailed',
  'ApplicationReplaced',
] as const;

/** ARI refused an operation, or did not answer it. */
export class AriError extends PbxError {
  override readonly name = 'AriError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  constructor(operation: string, status: number, message: string) {
    super(`${operation}: ${status === 0 ? '' : `${status} `}${message}`);
    this.status = status;
  }

  get isLate(): boolean {
    return this.status === 404 || this.status === 409 || this.status === 412 || this.status === 422;
  }

  /** The PBX is away, or has no free session for now. */
  get isUnanswered(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

export interface AriClient {
  /** Rejects with {@link AriError}. */
  request(operation: AriOperation, params: AriParams): Promise<unknown>;
  /** Resolves with the reason when the connection is lost or closed; events stop then. */
  readonly closed: Promise<string>;
  close(): void;
}

export interface AriSettings {
  /** e.g. `http://127.0.0.1:8088` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Stasis application; one per controller, since the newest connection of a name wins. */
  readonly app: string;
}

/** Opens a connection, or rejects: {@link SwitchRefused} for good, anything else is worth another try. */
export type ConnectAri = (settings: AriSettings, onEvent: (event: AriEvent) => void) => Promise<AriClient>;
