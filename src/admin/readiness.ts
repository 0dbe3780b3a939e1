import type { TableHealth } from './table-api.ts';

/** What `/readyz` shows, and metrics tell. */
export interface Readiness {
  /** Every switch is connected. */
  readonly ready: boolean;
  readonly revision: string;
  /** Where the live table came from, and what is wrong with the one that should be: calls are taken all the same. */
  readonly table: TableHealth;
  /** The other controllers, by way of Redis: away, calls are taken all the same and changes reach them later. Absent: no Redis is set up. */
  readonly fleet?: 'connected' | 'unreachable';
  readonly switches: readonly { readonly name: string; readonly connected: boolean }[];
  /** Calls up at this moment. */
  readonly calls: number;
  /** How recording fares, where it is set up: calls are taken all the same. */
  readonly recordings?: {
    readonly state: 'ok' | 'low-space' | 'failing';
    readonly freeBytes: number | null;
    readonly files: number;
    readonly failed: number;
  };
}
