/** Recordings of a PBX in memory: whom each holds, without sound. */
import type { Recording, RecordingEnd } from '../port.ts';
import type { MemoryCaller } from './pbx.ts';

export class MemoryRecording {
  readonly ends = Promise.withResolvers<RecordingEnd>();
  readonly #caller: MemoryCaller;

  constructor(caller: MemoryCaller) {
    this.#caller = caller;
    const end = () => this.ends.resolve('done');
    if (caller.gone.signal.aborted) end();
    else caller.gone.signal.addEventListener('abort', end, { once: true });
  }

  /** Whose voices: ids of the legs that have answered, and `caller`. */
  get voices(): readonly string[] {
    const legs = [...this.#caller.legs.values()].filter(({ isAnswered }) => isAnswered).map(({ id }) => id);
    return ['caller', ...legs];
  }
}

/** The PBX's disk. */
export class MemoryRecordings {
  /** By name, those under way. */
  readonly running = new Map<string, MemoryRecording>();
  /** Names of all files, in the order begun. */
  readonly files: string[] = [];
  /** False: nothing can be written, as in a folder that is not the PBX's. */
  isWritable = true;

  record(caller: MemoryCaller, name: string, resume: boolean): Recording {
    const recording = resume ? this.running.get(name) : this.#begin(caller, name);
    if (recording === undefined) return over(resume ? 'broken-off' : 'not-begun');
    return {
      ended: recording.ends.promise,
      stop: async () => recording.ends.resolve('done'),
    };
  }

  /** The disk is full, say. */
  breakOff(name: string): void {
    this.running.get(name)?.ends.resolve('broken-off');
  }

  #begin(caller: MemoryCaller, name: string): MemoryRecording | undefined {
    if (!this.isWritable || this.files.includes(name)) return undefined;
    const recording = new MemoryRecording(caller);
    this.files.push(name);
    this.running.set(name, recording);
    void recording.ends.promise.then(() => this.running.delete(name));
    return recording;
  }
}

const over = (end: RecordingEnd): Recording => ({ ended: Promise.resolve(end), stop: async () => undefined });
