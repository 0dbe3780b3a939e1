/** FreeSWITCH has two modules that queue callers. What the generated files have to know of either. */
import type { Table } from '../../routing/table.ts';
import type { Action } from './text.ts';

/** A caller's wait in a queue, as a plan has it. */
export interface Wait {
  /** The queue's name on the PBX. */
  readonly queue: string;
  readonly waitSeconds: number;
  /** What follows when nobody came: an extension, and its context. */
  readonly next: string;
  readonly context: string;
}

export interface QueueEngine {
  /** File name → what it includes. */
  files(table: Table): Readonly<Record<string, readonly string[]>>;
  /** What has to be set on a caller before any wait. @param headers variables that an agent's phone is to be sent. */
  prepare(headers: readonly string[]): readonly Action[];
  wait(wait: Wait): readonly Action[];
  /** What comes first of what follows. */
  readonly afterWait: readonly Action[];
}
