/** One call placed by the exchange: what was asked, and what was measured from the outside. */
import type { Ringing } from './agents.ts';

/** A moment of a call as its outside sees it. */
export type CallMoment = 'dial' | 'ringing' | 'prompt' | 'queue' | 'talk' | 'heard';

export interface CallOptions {
  readonly dialled: string;
  /** Caller's number as the carrier delivers it; null or empty: withheld. */
  readonly from?: string | null;
  /** Trunk of the table it comes over; without one: a trunk that tells no region. */
  readonly trunk?: string;
  /**
   * The caller hangs up `ms` after a moment: `dial` INVITE sent · `ringing` a phone rings · `prompt` the hotline has
   * answered · `queue` a queue's agent is rung · `talk` an agent has answered · `heard` the caller hears the agent
   * (only while recording).
   */
  readonly hangup?: { readonly after: CallMoment; readonly ms: number };
  /** Record what the caller hears; default true. */
  readonly record?: boolean;
  /** Record what the agents hear too; default false. */
  readonly recordAgents?: boolean;
  /** The caller speaks a tone once answered; default true. */
  readonly speak?: boolean;
  /** The caller gives up after this, whatever happens. Default 180,000. */
  readonly limitMs?: number;
  /** Aborting hangs the caller up. */
  readonly signal?: AbortSignal;
}

/** A phone that rang for the call; times are milliseconds from the INVITE. */
export interface AgentSeen {
  readonly phone: string;
  readonly name: string;
  readonly number: string;
  readonly hotline: string;
  readonly region: string;
  readonly rangMs: number;
  readonly answeredMs: number | null;
  readonly endedMs: number | null;
  readonly hungUp: boolean;
  /** WAV of what the agent heard, and when its first sample was taken. */
  readonly recording: SoundFile | null;
}

export interface SoundFile {
  /** Host path. */
  readonly file: string;
  /** Milliseconds from the INVITE to the first sample; negative: before it. */
  readonly fromMs: number;
}

export interface TimelineEntry {
  readonly atMs: number;
  readonly event: string;
}

export interface PlacedCall {
  readonly dialled: string;
  readonly from: string | null;
  readonly ringingMs: number | null;
  readonly answeredMs: number | null;
  readonly endedMs: number;
  readonly endedBy: 'caller' | 'agent' | 'hotline';
  /** Q.850, as the PBX's final answer or BYE gave it: SIP 404 is 1, 486 is 17, 503 is 34. */
  readonly cause: number;
  readonly agents: readonly AgentSeen[];
  readonly recording: SoundFile | null;
  readonly timeline: readonly TimelineEntry[];
}

/** An agent's ringing in the call's own time. */
export const agentSeen = (ringing: Ringing, invitedAt: number): AgentSeen => ({
  phone: ringing.phone,
  name: ringing.name,
  number: ringing.number,
  hotline: ringing.hotline,
  region: ringing.region,
  rangMs: ringing.rangAt - invitedAt,
  answeredMs: ringing.answeredAt === null ? null : ringing.answeredAt - invitedAt,
  endedMs: ringing.endedAt === null ? null : ringing.endedAt - invitedAt,
  hungUp: ringing.hungUp,
  recording:
    ringing.recording === null
      ? null
      : { file: ringing.recording.file, fromMs: ringing.recording.startedAt - invitedAt },
});
