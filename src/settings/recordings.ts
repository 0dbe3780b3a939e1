/** The part of the settings that says where recordings are, how long they are kept, and how much room they leave. */
import { z } from 'zod';
import { fromProject } from '../base/project.ts';

const LONGEST_DAYS = 36_500;

export const recordingsShape = z.strictObject({
  /** As this service sees the folder; how a PBX sees it is in its own settings. */
  dir: z.string().min(1).transform(fromProject),
  keepDays: z.int().min(1).max(LONGEST_DAYS).default(90),
  /** Megabytes of 1,000,000 bytes; with less free, none begins. */
  leastFreeMb: z.int().min(0).default(1_000),
});

export type RecordingSettings = z.infer<typeof recordingsShape>;
