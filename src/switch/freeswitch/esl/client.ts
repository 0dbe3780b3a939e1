/**
 * The client that the FreeSWITCH adapter talks to: commands by name and channel id, events as plain objects. No object of the
 * ESL library passes it.
 */

import { PbxError } from '../../kit/link.ts';

/** Name of an API command of FreeSWITCH (mod_commands), whose arguments follow in order. */
export type ApiCommand =
  | 'global_getvar'
  | 'show'
  | 'uuid_answer'
  | 'uuid_audio'
  | 'uuid_break'
  | 'uuid_bridge'
  | 'uuid_buglist'
  | 'uuid_displace'
  | 'uuid_dump'
  | 'uuid_exists'
  | 'uuid_kill'
  | 'uuid_record'
  | 'uuid_setvar'
  | 'uuid_setvar_multi'
  | 'uuid_transfer';

/** An application to run on a channel, in its own thread and in turn. */
export interface Execution {
  readonly application: string;
  readonly argument: string;
  /** `Application-UUID` of the event that tells its end. */
  readonly id?: string;
  /** Whatever else is sent to the channel meanwhile waits for its end, instead of cutting in. */
  readonly locked?: boolean;
}

/** An event's headers, the channel's variables among them as `variable_name`. */
export type EslEvent = Readonly<Record<string, string | undefined>>;

/** The event types the adapter reads; nothing else is subscribed to. */
export const EVENTS_READ = [
  'BACKGROUND_JOB',
  'CHANNEL_BRIDGE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_HANGUP',
  'CHANNEL_PARK',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'DTMF',
  'MEDIA_BUG_STOP',
  'RECORD_STOP',
  'CUSTOM', // last: FreeSWITCH reads whatever follows it as a subclass
] as const;

/** Subclass of the CUSTOM events that say who enters a conference. */
export const ROOM_EVENTS = 'conference::maintenance';

/** FreeSWITCH refused a command, or did not answer it. */
export class EslError extends PbxError {
  override readonly name = 'EslError';
  readonly isLate: boolean;
  readonly isUnanswered: boolean;
  /** @param reply what FreeSWITCH answered; null when there was no answer, and `reason` says why. */
  constructor(command: string, reply: string | null, reason = 'no answer') {
    super(`${command}: ${reply ?? reason}`);
    this.isUnanswered = reply === null;
    this.isLate = reply !== null && /no such channel|invalid (uuid|session)|^-ERROR/i.test(reply);
  }
}

export interface EslCommands {
  /** Runs a command and gives what it prints. Rejects with {@link EslError}. */
  api(command: ApiCommand, args: readonly string[]): Promise<string>;
  /** Begins an `originate`; a BACKGROUND_JOB event with this `Job-UUID` tells how it ended. */
  originate(jobId: string, dialString: string): Promise<void>;
  execute(channelId: string, execution: Execution): Promise<void>;
}

export interface EslClient extends EslCommands {
  /** Resolves with the reason when the connection is lost or closed; events stop then. */
  readonly closed: Promise<string>;
  close(): void;
}

export interface EventSocketSettings {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/**
 * Opens a connection, or rejects: {@link SwitchRefused} for good, anything else is worth another try.
 * @param queueEvents subclass of the CUSTOM events that say what happens in queues.
 */
export type ConnectEsl = (
  settings: EventSocketSettings,
  onEvent: (event: EslEvent) => void,
  queueEvents: string,
) => Promise<EslClient>;

/** An outbound socket: the dialplan has brought a channel, and keeps it with us as long as the connection stands. */
export interface OutboundSocket {
  /** The channel as it was when it came. */
  readonly channel: EslEvent;
  /** Our own address as FreeSWITCH knows it, `host:port`. */
  readonly controller: string;
  /** Commands over this connection, so that calls do not wait for each other. */
  readonly commands: EslCommands;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  /** Ends the connection: the dialplan goes on with the channel. */
  continueInDialplan(): void;
}

export interface OutboundServer {
  /** Takes no more channels, and ends the connections of all. */
  stop(): Promise<void>;
}

export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  /** Addresses of the PBX; connections from others are closed. */
  readonly accept: readonly string[];
}

/** Listens for channels. Rejects with {@link PortTaken}. */
export type ListenForChannels = (
  settings: ListenSettings,
  onChannel: (outbound: OutboundSocket) => void,
) => Promise<OutboundServer>;
