/**
 * The small client the FreeSWITCH adapter talks to: commands by name and channel id, events as plain objects. No object
 * of the ESL library crosses it.
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
  /** Comes back as `Application-UUID` of the event that tells its end. */
  readonly id?: string;
  /** Whatever is asked of the channel meanwhile waits for the end, instead of cutting in. */
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
  'CUSTOM', // last: FreeSWITCH takes whatever follows it for a kind of it
] as const;

/** A kind of CUSTOM event: who enters a conference. */
export const ROOM_EVENTS = 'conference::maintenance';

/** FreeSWITCH refused a command, or did not answer it. */
export class EslError extends PbxError {
  override readonly name = 'EslError';
  readonly isLate: boolean;
  readonly isUnanswered: boolean;
  /** @param reply what FreeSWITCH said; null when there was no answer, for which reason tells why. */
  constructor(command: string, reply: string | null, reason = 'no answer') {
    super(`${command}: ${reply ?? reason}`);
    this.isUnanswered = reply === null;
    this.isLate = reply !== null && /no such channel|invalid (uuid|session)|^-ERROR/i.test(reply);
  }
}

export interface EslCommands {
  /** Runs a command and gives what it prints. Rejects with {@link EslError}. */
  api(command: ApiCommand, args: readonly string[]): Promise<string>;
  /** Begins an `originate`; a BACKGROUND_JOB event with that `Job-UUID` tells how it ended. */
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
 * @param queueEvents the one kind of CUSTOM event that is wanted: what happens in queues.
 */
export type ConnectEsl = (
  settings: EventSocketSettings,
  onEvent: (event: EslEvent) => void,
  queueEvents: string,
) => Promise<EslClient>;

/** A caller's channel that the dialplan hands over, and keeps with us for as long as the connection stands. */
export interface HandedChannel {
  /** The channel as it was when it came. */
  readonly channel: EslEvent;
  /** Our own address as FreeSWITCH knows it, `host:port`. */
  readonly controller: string;
  /** Commands over this connection: calls do not wait for each other's. */
  readonly commands: EslCommands;
  /** Resolves when FreeSWITCH, or we, let go. */
  readonly closed: Promise<void>;
  /** Gives the channel back to the dialplan. */
  letGo(): void;
}

export interface HandOverServer {
  /** Takes no more, and lets go of every channel. */
  stop(): Promise<void>;
}

export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  /** Addresses of the PBX; nobody else is listened to. */
  readonly accept: readonly string[];
}

/** Listens for channels. Rejects with {@link PortTaken}. */
export type ListenForChannels = (
  settings: ListenSettings,
  onChannel: (handed: HandedChannel) => void,
) => Promise<HandOverServer>;
