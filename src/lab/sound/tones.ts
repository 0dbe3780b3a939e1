/** When a known tone is heard in a recording; Goertzel's algorithm over short windows. Pure. */
import { SAMPLE_RATE, SAMPLES_PER_MS } from './sound.ts';

export interface ToneSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const WINDOW_MS = 50;
const HOP_MS = 10;
/** Of the window's power, at the tone. */
const SHARE = 0.5;
const LEAST_RMS = 200;

/** Share of a window's power that lies at `hertz`, 0 to 1; 0 for silence. */
const shareAt = (samples: Int16Array, from: number, hertz: number): number => {
  const length = WINDOW_MS * SAMPLES_PER_MS;
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
  let [before, last, power] = [0, 0, 0];
  for (let i = from; i < from + length; i++) {
    const sample = samples[i] as number;
    power += sample * sample;
    [before, last] = [last, sample + coefficient * last - before];
  }
  if (power / length < LEAST_RMS ** 2) return 0;
  const atTone = last * last + before * before - coefficient * last * before;
  return (2 * atTone) / (length * power);
};

/** Least amplitude of a tone that counts, at full scale 32767, and as a share of the loudest. */
const LEAST_AMPLITUDE = 150;
const LEAST_SHARE = 0.04;

/** Amplitude of a tone over the whole of `samples`, which hold whole periods of it. */
const amplitudeOf = (samples: Int16Array, hertz: number): number => {
  let [re, im] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * hertz * i) / SAMPLE_RATE;
    re += (samples[i] as number) * Math.cos(angle);
    im += (samples[i] as number) * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
};

/** Which of the tones are in a sound, however many at once. */
export const tonesIn = (samples: Int16Array, hertz: Iterable<number>): ReadonlySet<number> => {
  const amplitudes = [...hertz].map((each) => [each, amplitudeOf(samples, each)] as const);
  const least = Math.max(LEAST_AMPLITUDE, ...amplitudes.map(([, amplitude]) => amplitude * LEAST_SHARE));
  return new Set(amplitudes.filter(([, amplitude]) => amplitude >= least).map(([each]) => each));
};

/** A tone lasts at least this long; a gap in it at most. */
const LEAST_MS = 100;
const GAP_MS = 120;

/** Stretches in which the tone is what is mainly heard; times in the recording, to about 10 ms. */
export const toneSpans = (samples: Int16Array, hertz: number): ToneSpan[] => {
  const spans: { fromMs: number; toMs: number }[] = [];
  const durationMs = samples.length / SAMPLES_PER_MS;
  for (let atMs = 0; atMs + WINDOW_MS <= durationMs; atMs += HOP_MS) {
    if (shareAt(samples, atMs * SAMPLES_PER_MS, hertz) < SHARE) continue;
    const middle = atMs + WINDOW_MS / 2;
    const open = spans.at(-1);
    if (open && middle - open.toMs <= GAP_MS) open.toMs = middle;
    else spans.push({ fromMs: middle, toMs: middle });
  }
  return spans.filter(({ fromMs, toMs }) => toMs - fromMs >= LEAST_MS);
};

const SILENT_RMS = 100;

/** The longest stretch in which nothing is heard, in milliseconds, from a moment of the recording on. */
export const longestSilence = (samples: Int16Array, fromMs: number): number => {
  const length = HOP_MS * SAMPLES_PER_MS;
  let [longest, now] = [0, 0];
  for (let from = Math.max(0, Math.round(fromMs)) * SAMPLES_PER_MS; from + length <= samples.length; from += length) {
    const power = samples.subarray(from, from + length).reduce((sum, sample) => sum + sample * sample, 0);
    now = power / length < SILENT_RMS ** 2 ? now + HOP_MS : 0;
    longest = Math.max(longest, now);
  }
  return longest;
};
