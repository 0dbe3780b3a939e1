/** Recordings of a PBX in memory: whom each holds, without sound. */
import type { Recording, RecordingEnd } from '../port.ts';

/** Whom a recording listens to. */
interface Recorded {
  readonly gone: AbortController;
  readonly legs: ReadonlyMap<string, { readonly id: string; readonly isAnswered: boolean }>;
}

export class MemoryRecording {
  readonly ends = Promise.withResolvers<RecordingEnd>();
  /** Who was there when it began: ids of the legs that had answered, and `caller`. */
  readonly voices: readonly string[];

  constructor({ legs, gone }: Recorded) {
    const answered = [...legs.values()].filter(({ isAnswered }) => isAnswered).map(({ id }) => id);
    this.voices = ['caller', ...answered];
    gone.signal.addEventListener('abort', () => this.ends.resolve('done'), { once: true });
  }
}

/** The PBX's disk. */
export class MemoryRecordings {
  /** By name, in the order begun. */
  readonly files = new Map<string, MemoryRecording>();
  /** Names of those that are written now. */
  readonly running = new Set<string>();
  /** False: nothing can be written, as in a folder that is not the PBX's. */
  isWritable = true;

  record(caller: Recorded, name: string, resume: boolean): Recording {
    if (caller.gone.signal.aborted) return over('done');
    if (resume && !this.running.has(name)) return over('broken-off');
    const recording = resume ? this.files.get(name) : this.#begin(caller, name);
    if (recording === undefined) return over('not-begun');
    return {
      ended: recording.ends.promise,
      stop: async () => recording.ends.resolve('done'),
    };
  }

  /** The disk is full, say. */
  breakOff(name: string): void {
    this.files.get(name)?.ends.resolve('broken-off');
  }

  #begin(caller: Recorded, name: string): MemoryRecording | undefined {
    if (!this.isWritable || this.files.has(name)) return undefined;
    const recording = new MemoryRecording(caller);
    this.files.set(name, recording);
    this.running.add(name);
    void recording.ends.promise.then(() => this.running.delete(name));
    return recording;
  }
}

const over = (end: RecordingEnd): Recording => ({ ended: Promise.resolve(end), stop: async () => undefined });
