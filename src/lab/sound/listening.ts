/** Listens to a recording while it is still being written. */
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { SAMPLE_RATE, SAMPLES_PER_MS } from './sound.ts';
import { toneSpans } from './tones.ts';

const HEADER_BYTES = 44;
/** Asterisk writes its recordings about two seconds at a time. */
const LISTEN_SECONDS = 4;

/** The last seconds of a growing 16-bit WAV file. */
const lastSeconds = async (file: string): Promise<Int16Array> => {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const whole = size - ((size - HEADER_BYTES) % 2);
    const from = Math.max(HEADER_BYTES, whole - LISTEN_SECONDS * SAMPLE_RATE * 2);
    const bytes = Buffer.alloc(Math.max(0, whole - from));
    await handle.read(bytes, 0, bytes.length, from);
    return Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(i * 2));
  } finally {
    await handle.close();
  }
};

/** For how long the tone has been heard, in milliseconds, once it is in the recording; null when `signal` aborts first. */
export const whenToneHeard = (file: string, hertz: number, signal: AbortSignal): Promise<number | null> =>
  new Promise((resolve) => {
    const watcher = watch(file, () => void listen());
    const done = (heardForMs: number | null): void => {
      watcher.close();
      resolve(heardForMs);
    };
    const listen = async (): Promise<void> => {
      const samples = await lastSeconds(file).catch(() => undefined);
      if (samples === undefined) return done(null); // the lab has gone, its recordings with it
      const [span] = toneSpans(samples, hertz);
      if (span) done(samples.length / SAMPLES_PER_MS - span.fromMs);
    };
    signal.addEventListener('abort', () => done(null), { once: true });
    if (signal.aborted) done(null);
  });
