/** Recordings of a PBX in memory: whom each holds, without sound. */
import type { Recording, RecordingEnd } from '../port.ts';

/** Whom a recording listens to. */
interface Recorded {
  readonly gone: AbortController;
  readonly legs: ReadonlyMap<string, { readonly endpoint: string }>;
  /** Ids of legs among it. */
  hears(who: 'caller'): readonly string[];
}

export class MemoryRecording {
  readonly ends = Promise.withResolvers<RecordingEnd>();
  readonly #caller: Recorded;
  readonly #voices = new Set(['caller']);

  constructor(caller: Recorded) {
    this.#caller = caller;
    this.#listen();
    caller.gone.signal.addEventListener('abort', () => this.ends.resolve('done'), { once: true });
  }

  /** Who was there when it began, and when it was told to stop: `caller`, and endpoints of those the caller heard. */
  get voices(): readonly string[] {
    return [...this.#voices];
  }

  stop(): void {
    this.#listen();
    this.ends.resolve('done');
  }

  #listen(): void {
    for (const id of this.#caller.hears('caller')) {
      const leg = this.#caller.legs.get(id);
      if (leg) this.#voices.add(leg.endpoint);
    }
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

  record(caller: Recorded, name: string, adopt: boolean): Recording {
    if (caller.gone.signal.aborted) return over('done');
    if (adopt && !this.running.has(name)) return over('broken-off');
    const recording = adopt ? this.files.get(name) : this.#begin(caller, name);
    if (recording === undefined) return over('not-begun');
    return {
      ended: recording.ends.promise,
      stop: async () => recording.stop(),
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
