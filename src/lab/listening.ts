/** Listens to a recording while it is still being written. */
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { SAMPLE_RATE } from './sound.ts';
import { toneSpans } from './tones.ts';

const HEADER_BYTES = 44;
const LISTEN_SECONDS = 1;

/** The last second of a growing 16-bit WAV file. */
const lastSecond = async (file: string): Promise<Int16Array> => {
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

/** True once the tone is in the recording; false when `signal` aborts first. */
export const whenToneHeard = (file: string, hertz: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const watcher = watch(file, () => void listen());
    const done = (heard: boolean): void => {
      watcher.close();
      resolve(heard);
    };
    const listen = async (): Promise<void> => {
      if (toneSpans(await lastSecond(file), hertz).length > 0) done(true);
    };
    signal.addEventListener('abort', () => done(false), { once: true });
    if (signal.aborted) done(false);
  });
