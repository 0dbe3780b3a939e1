/**
 * Which prompts a recording holds, and where: normalised cross-correlation of the recording with each prompt's audio.
 * 1 is the prompt itself; other speech stays far below. Two prompts share one transform, as real and imaginary part.
 */
import { type Complex, powerOfTwo, transform, transformBack, zeros } from './fourier.ts';
import { SAMPLE_RATE } from './sound.ts';

export interface Heard {
  readonly prompt: string;
  /** Peak of the normalised cross-correlation, 0 to 1. */
  readonly match: number;
  /** Where in the recording the prompt begins. */
  readonly fromMs: number;
}

/** Speech is told by what lies below 1.6 kHz; half the samples halve the work. */
const DECIMATION = 2;
const RATE = SAMPLE_RATE / DECIMATION;
const FILTER_TAPS = 31;
const CUTOFF_HERTZ = 1600;
/** A prompt cut short by the recording's end counts from this much of it on. */
const LEAST_OVERLAP_MS = 1000;
/** Silence has no likeness to anything: average square of a sample, at full scale 32767. */
const SILENCE = 100;

/** Windowed-sinc low-pass. */
const taps = (): Float64Array => {
  const middle = (FILTER_TAPS - 1) / 2;
  const cutoff = CUTOFF_HERTZ / SAMPLE_RATE;
  const shape = Float64Array.from({ length: FILTER_TAPS }, (_, i) => {
    const x = i - middle;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (FILTER_TAPS - 1)));
  });
  const sum = shape.reduce((a, b) => a + b, 0);
  return shape.map((tap) => tap / sum);
};

const decimate = (samples: Int16Array, filter: Float64Array): Float64Array => {
  const out = new Float64Array(Math.floor(samples.length / DECIMATION));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    const from = i * DECIMATION - (FILTER_TAPS - 1) / 2;
    for (let k = Math.max(0, -from); k < FILTER_TAPS && from + k < samples.length; k++)
      sum += (filter[k] as number) * (samples[from + k] as number);
    out[i] = sum;
  }
  return out;
};

/** Sums of squares up to each sample: any stretch's energy is a difference of two. */
const energies = (signal: Float64Array): Float64Array => {
  const sums = new Float64Array(signal.length + 1);
  for (let i = 0; i < signal.length; i++) sums[i + 1] = (sums[i] as number) + (signal[i] as number) ** 2;
  return sums;
};

interface Prepared {
  readonly prompt: string;
  readonly signal: Float64Array;
  readonly energy: Float64Array;
}

/** Likeness at each lag, 0 to 1, from the raw correlation and the energies of the stretches compared. */
const normalise = (
  correlation: Float64Array,
  sign: number,
  recording: Float64Array,
  prompt: Prepared,
): Float64Array => {
  const end = recording.length - 1;
  const least = Math.min(prompt.signal.length, (LEAST_OVERLAP_MS * RATE) / 1000);
  const likeness = new Float64Array(Math.max(0, end - least + 1));
  const scale = sign / correlation.length;
  for (let lag = 0; lag < likeness.length; lag++) {
    const overlap = Math.min(prompt.signal.length, end - lag);
    const there = (recording[lag + overlap] as number) - (recording[lag] as number);
    const wanted = prompt.energy[overlap] as number;
    if (there < SILENCE * overlap || wanted < SILENCE * overlap) continue;
    likeness[lag] = ((correlation[lag] as number) * scale) / Math.sqrt(there * wanted);
  }
  return likeness;
};

/** From here on it may be that prompt with frames lost or late in it: looked at piece by piece. */
const CANDIDATE_FROM = 0.25;

/** Every place the prompt begins, best first; it cannot begin twice within half its own length. */
const peaks = (heard: Float64Array, prompt: Prepared, likeness: Float64Array): Heard[] => {
  const found: Heard[] = [];
  const apart = prompt.signal.length / 2;
  for (;;) {
    let best = -1;
    for (let lag = 0; lag < likeness.length; lag++)
      if (
        (likeness[lag] as number) > CANDIDATE_FROM &&
        (best < 0 || (likeness[lag] as number) > (likeness[best] as number))
      )
        best = lag;
    if (best < 0) return found;
    found.push({
      prompt: prompt.prompt,
      match: round(alignedLikeness(heard, prompt.signal, best, likeness[best] as number)),
      fromMs: Math.round((best * 1000) / RATE),
    });
    likeness.fill(0, Math.max(0, best - apart), best + apart);
  }
};

const round = (match: number): number => Math.round(Math.min(1, match) * 1000) / 1000;

/** Correlates the recording's spectrum with two prompts at once. */
const correlatePair = (spectrum: Complex, first: Prepared, second: Prepared | undefined): Complex => {
  const pair = zeros(spectrum.re.length);
  pair.re.set(first.signal);
  if (second) pair.im.set(second.signal);
  transform(pair);
  for (let i = 0; i < pair.re.length; i++) {
    const [a, b] = [spectrum.re[i] as number, spectrum.im[i] as number];
    const [c, d] = [pair.re[i] as number, -(pair.im[i] as number)];
    pair.re[i] = a * c - b * d;
    pair.im[i] = a * d + b * c;
  }
  transformBack(pair);
  return pair;
};

/** Below this it is not that prompt: two that one voice speaks, cut to 2 s, reach 0.49; one with frames lost stays above 0.8. */
const HEARD_FROM = 0.6;

/**
 * The prompts heard in a recording, in order of time; both at 8 kHz.
 * @param least matches below it are left out.
 */
export const hear = (recording: Int16Array, prompts: ReadonlyMap<string, Int16Array>, least = HEARD_FROM): Heard[] => {
  const filter = taps();
  const prepared = [...prompts].map(([prompt, samples]): Prepared => {
    const signal = decimate(samples, filter);
    return { prompt, signal, energy: energies(signal) };
  });
  const heard = decimate(recording, filter);
  const energy = energies(heard);
  const longest = Math.max(0, ...prepared.map(({ signal }) => signal.length));
  const spectrum = zeros(powerOfTwo(heard.length + longest));
  spectrum.re.set(heard);
  transform(spectrum);
  const found: Heard[] = [];
  for (let i = 0; i < prepared.length; i += 2) {
    const [first, second] = [prepared[i] as Prepared, prepared[i + 1]];
    const { re, im } = correlatePair(spectrum, first, second);
    found.push(...peaks(heard, first, normalise(re, 1, energy, first)));
    if (second) found.push(...peaks(heard, second, normalise(im, -1, energy, second)));
  }
  return found.filter(({ match }) => match >= least).sort((a, b) => a.fromMs - b.fromMs);
};

/** Half a second at 4 kHz. */
const PIECE = 2000;
/** How far a piece may have slipped: 100 ms at 4 kHz. */
const SLIP = 400;

interface Product {
  readonly dot: number;
  readonly energy: number;
}

const productAt = (heard: Float64Array, at: number, piece: Float64Array): Product => {
  let dot = 0;
  let energy = 0;
  for (let i = 0; i < piece.length; i++) {
    const sample = heard[at + i] ?? 0;
    dot += sample * (piece[i] as number);
    energy += sample * sample;
  }
  return { dot, energy };
};

/** The best place of one piece around where it should be. */
const bestNear = (heard: Float64Array, at: number, piece: Float64Array): Product => {
  let best: Product = { dot: 0, energy: 0 };
  let likeness = 0;
  for (let from = Math.max(0, at - SLIP); from <= at + SLIP && from + piece.length <= heard.length; from++) {
    const product = productAt(heard, from, piece);
    const each = product.energy > 0 ? product.dot / Math.sqrt(product.energy) : 0;
    if (each <= likeness) continue;
    likeness = each;
    best = product;
  }
  return best;
};

/**
 * Likeness of a prompt to what was heard when frames were lost or late on the way: each piece of the prompt is looked
 * for by itself, near where the whole was found. A busy machine drops a frame of 20 ms now and then; the ear forgives
 * that, one correlation over six seconds does not.
 *
 * @param lag where the whole prompt was found, with `whole` as its likeness; the answer is never below that.
 */
export const alignedLikeness = (heard: Float64Array, prompt: Float64Array, lag: number, whole: number): number => {
  let dot = 0;
  let there = 0;
  let wanted = 0;
  for (let at = 0; at + PIECE <= prompt.length && lag + at + PIECE <= heard.length; at += PIECE) {
    const piece = prompt.subarray(at, at + PIECE);
    const found = bestNear(heard, lag + at, piece);
    dot += found.dot;
    there += found.energy;
    wanted += productAt(piece, 0, piece).energy;
  }
  return there > 0 && wanted > 0 ? Math.max(whole, dot / Math.sqrt(there * wanted)) : whole;
};
