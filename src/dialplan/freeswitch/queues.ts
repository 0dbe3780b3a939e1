/** The modules of FreeSWITCH that may queue callers, by the name that the settings have for them. */
import { callcenter } from './callcenter.ts';
import { fifo } from './fifo.ts';
import type { QueueEngine } from './queue-engine.ts';

export const QUEUE_ENGINES = { callcenter, fifo } as const satisfies Record<string, QueueEngine>;

export type QueueEngineName = keyof typeof QUEUE_ENGINES;
