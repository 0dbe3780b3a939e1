/** Who is heard in a recording, by the tone that each in the lab speaks; voices may be mixed, or each have a channel. */
import { readFile } from 'node:fs/promises';
import { SAMPLE_RATE } from '../../src/lab/sound/sound.ts';
import { CALLER_HERTZ } from '../../src/lab/sound/voices.ts';

const WINDOW_MS = 50;
const WINDOW = (SAMPLE_RATE * WINDOW_MS) / 1000;
/** Of a window's power, at the tone: two who speak at once have half of it each. */
const SHARE = 0.2;
const LEAST_RMS = 200;

export interface Heard {
  /** How long the file is. */
  readonly lastsMs: number;
  /** How long each tone is heard in it. */
  readonly callerMs: number;
  readonly agentMs: number;
}

/** Samples of each channel of a 16-bit WAV file at 8 kHz. */
function channelsOf(bytes: Buffer): Int16Array[] {
  const count = bytes.readUInt16LE(22);
  if (bytes.readUInt32LE(24) !== SAMPLE_RATE) throw new Error('not at 8 kHz');
  const from = bytes.indexOf('data') + 8;
  const frames = Math.floor((bytes.length - from) / (2 * count));
  return Array.from({ length: count }, (_, channel) =>
    Int16Array.from({ length: frames }, (__, frame) => bytes.readInt16LE(from + 2 * (frame * count + channel))),
  );
}

function shareAt(window: Int16Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [before, last, power] = [0, 0, 0];
  for (const sample of window) {
    power += sample * sample;
    [before, last] = [last, sample + coefficient * last - before];
  }
  if (power / window.length < LEAST_RMS ** 2) return 0;
  return (2 * (last * last + before * before - coefficient * last * before)) / (window.length * power);
}

function heardMs(samples: Int16Array, hertz: number): number {
  let windows = 0;
  for (let at = 0; at + WINDOW <= samples.length; at += WINDOW)
    if (shareAt(samples.subarray(at, at + WINDOW), hertz) > SHARE) windows += 1;
  return windows * WINDOW_MS;
}

export async function voicesIn(file: string, agentHertz: number): Promise<Heard> {
  const channels = channelsOf(await readFile(file));
  const longest = (hertz: number) => Math.max(...channels.map((samples) => heardMs(samples, hertz)));
  return {
    lastsMs: Math.round(((channels[0]?.length ?? 0) * 1000) / SAMPLE_RATE),
    callerMs: longest(CALLER_HERTZ),
    agentMs: longest(agentHertz),
  };
}
