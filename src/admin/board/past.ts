/** What the record file says of the time before: it only grows, and only its end is read. */
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { recordLines } from '../../records/lines.ts';
import type { CallRecord } from '../../records/record.ts';

/** Some 80,000 records: enough for a day of most controllers, read in about a second, never long at a stretch. */
const READ_AT_MOST_BYTES = 32 * 1024 * 1024;

/** Ours, of this version or an older one: as much is asked of it as the board cannot do without. */
const isRecord = (value: unknown): value is CallRecord => {
  if (typeof value !== 'object' || value === null) return false;
  const { v, callId, seq, at, ms, type, plan } = value as Record<string, unknown>;
  const isStep = typeof callId === 'string' && typeof seq === 'number' && typeof ms === 'number';
  const isTimed = typeof at === 'string' && !Number.isNaN(Date.parse(at));
  return v === 1 && isStep && isTimed && (type !== 'routed' || Array.isArray(plan));
};

const parsed = (line: string): CallRecord | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // the rest of a line that the look back has cut, or one that a crash has
  }
};

/** Where the last `READ_AT_MOST_BYTES` begin; undefined: there is no file of records. */
const startOf = async (file: string): Promise<number | undefined> => {
  try {
    const found = await stat(file);
    return found.isFile() ? Math.max(0, found.size - READ_AT_MOST_BYTES) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Records in the order they were written, those whose line passes `isWanted`. Rejects when the file cannot be read. */
export async function* pastRecords(
  file: string,
  isWanted: (line: string) => boolean = () => true,
): AsyncGenerator<CallRecord> {
  const start = await startOf(file);
  if (start === undefined) return;
  for await (const lines of recordLines(file, start)) {
    for (const line of lines) {
      const record = isWanted(line) ? parsed(line) : undefined;
      if (record !== undefined) yield record;
    }
    await nextTurn();
  }
}

/** The story of one call out of the file; empty: it is not there. */
export async function pastStory(file: string, callId: string): Promise<readonly CallRecord[]> {
  const id = JSON.stringify(callId);
  const story = new Map<number, CallRecord>();
  for await (const record of pastRecords(file, (line) => line.includes(id)))
    if (record.callId === callId) story.set(record.seq, record);
  return [...story.values()].sort((a, b) => a.seq - b.seq);
}
