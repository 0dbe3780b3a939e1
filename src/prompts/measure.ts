/** What can be said of a prompt from its samples alone. Pure; levels in dBFS, where a full-scale square wave is 0. */
import type { Wave } from './wave.ts';

const FULL_SCALE = 32767;
/** Speech is judged in frames of 20 ms: the length of one RTP packet, and short enough to fall between words. */
const FRAME_SECONDS = 0.02;
/** Two samples in a row this close to full scale are a flattened peak; one alone is just a loud sample. */
const FLATTENED = 32766;

/** What digital silence measures: below the smallest 16-bit step. */
export const FLOOR_DBFS = -120;

export interface Measures {
  readonly seconds: number;
  /** Highest sample. */
  readonly peakDbfs: number;
  /** Over the whole length, pauses included. */
  readonly rmsDbfs: number;
  /** RMS of the loudest 20 ms; what tells speech from a silent line whatever the length of the pauses. */
  readonly loudestDbfs: number;
  /** Share (0 to 1) of samples that lie in flattened peaks. */
  readonly clippedShare: number;
}

export function measure({ rate, samples }: Wave): Measures {
  return {
    seconds: samples.length / rate,
    peakDbfs: toDbfs(peak(samples)),
    rmsDbfs: toDbfs(rms(samples)),
    loudestDbfs: toDbfs(frameLevels({ rate, samples }).reduce((loudest, frame) => Math.max(loudest, frame), 0)),
    clippedShare: samples.length === 0 ? 0 : clipped(samples) / samples.length,
  };
}

/** RMS (0 to 1) of each successive 20 ms; the last frame may be shorter. */
export function frameLevels({ rate, samples }: Wave): number[] {
  const size = frameSize(rate);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, at) =>
    rms(samples.subarray(at * size, (at + 1) * size)),
  );
}

/** Samples in one frame of {@link frameLevels}. */
export function frameSize(rate: number): number {
  return Math.round(rate * FRAME_SECONDS);
}

/** A linear level (0 to 1) as dBFS; never below {@link FLOOR_DBFS}, so that silence is a number too. */
function toDbfs(level: number): number {
  return Math.max(FLOOR_DBFS, 20 * Math.log10(level));
}

/** dBFS, or a difference in dB, as a linear factor. */
export function fromDbfs(dbfs: number): number {
  return 10 ** (dbfs / 20);
}

function peak(samples: Int16Array): number {
  return samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0) / FULL_SCALE;
}

function rms(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  return Math.sqrt(energy / samples.length) / FULL_SCALE;
}

function clipped(samples: Int16Array): number {
  const flat = (at: number): boolean => Math.abs(samples[at] ?? 0) >= FLATTENED;
  const inFlatPeak = (at: number): boolean => flat(at) && (flat(at - 1) || flat(at + 1));
  return samples.reduce((count, _, at) => count + (inFlatPeak(at) ? 1 : 0), 0);
}
