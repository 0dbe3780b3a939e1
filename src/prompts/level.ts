/**
 * Makes every spoken prompt equally loud and free of dead air at its ends, whatever voice spoke it.
 * Ours rather than the converter's, so that a simpler converter will do.
 */
import { FLOOR_DBFS, frameLevels, frameSize, fromDbfs, measure } from './measure.ts';
import type { Wave } from './wave.ts';

/** Mean speech level; what telephone announcements are usually mastered to. */
const TARGET_RMS_DBFS = -20;
/** Highest peak left; room for the PBX's own mixing and for A-law's coarse top steps. */
const PEAK_LIMIT_DBFS = -3;
/** A frame below this is no speech. */
const PAUSE_DBFS = -50;
/** Quiet kept at either end, so that no consonant is cut and pieces said in a row do not run together. */
const MARGIN_SECONDS = 0.1;

/** The prompt without its silent ends, at the standard level. */
export function level(wave: Wave): Wave {
  return normalise(trim(wave));
}

function trim({ rate, samples }: Wave): Wave {
  const spoken = frameLevels({ rate, samples }).map((frame) => frame >= fromDbfs(PAUSE_DBFS));
  if (!spoken.includes(true)) return { rate, samples };
  const margin = Math.round(rate * MARGIN_SECONDS);
  const from = Math.max(0, spoken.indexOf(true) * frameSize(rate) - margin);
  const to = (spoken.lastIndexOf(true) + 1) * frameSize(rate) + margin;
  return { rate, samples: samples.slice(from, to) };
}

function normalise(wave: Wave): Wave {
  const { rmsDbfs, peakDbfs } = measure(wave);
  if (peakDbfs <= FLOOR_DBFS) return wave;
  const gain = fromDbfs(Math.min(TARGET_RMS_DBFS - rmsDbfs, PEAK_LIMIT_DBFS - peakDbfs));
  return { rate: wave.rate, samples: wave.samples.map((sample) => Math.round(sample * gain)) };
}
