/** The records of calls that are up and of those that ended lately, for whoever wants the story of one. */
import type { CallRecord } from '../../records/record.ts';

const ENDED_AT_MOST = 2_000;
const CALLS_AT_MOST = 52_000;
/** Of one call; one that was transferred all day has more, and they are in the file. */
const RECORDS_AT_MOST = 200;

export class Stories {
  readonly #stories = new Map<string, CallRecord[]>();
  /** In the order of their ends. */
  readonly #ended = new Set<string>();

  take(record: CallRecord): void {
    const story = this.#stories.get(record.callId) ?? [];
    if (story.length > 0 && record.seq <= (story.at(-1)?.seq ?? -1)) return;
    if (story.length < RECORDS_AT_MOST || record.type === 'ended') story.push(record);
    this.#stories.set(record.callId, story);
    if (record.type === 'ended') this.#ended.add(record.callId);
    this.#bound();
  }

  of(callId: string): readonly CallRecord[] | undefined {
    return this.#stories.get(callId);
  }

  #bound(): void {
    const [longestOver] = this.#ended;
    if (this.#ended.size > ENDED_AT_MOST && longestOver !== undefined) this.#drop(longestOver);
    const [oldest] = this.#stories.keys();
    if (this.#stories.size > CALLS_AT_MOST && oldest !== undefined) this.#drop(oldest);
  }

  #drop(callId: string): void {
    this.#ended.delete(callId);
    this.#stories.delete(callId);
  }
}
