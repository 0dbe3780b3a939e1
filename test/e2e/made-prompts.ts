/**
 * Prompts for tests, made of noise: something like speech in loudness and rhythm, with no two alike, as long as the text
 * asks for. No voice has a part in it, so no test depends on how long or how like each other a voice's prompts are.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { level } from '../../src/prompts/make.ts';
import { writeWave } from '../../src/prompts/wave.ts';

const WIDE = 16_000;
/** What a person who announces takes, about. */
const SECONDS_PER_CHARACTER = 0.258;
/** Syllables, in samples at 16 kHz, with a pause after each. */
const SYLLABLE = 2_000;
const PAUSE = 400;

/** Numbers from -1 to 1, the same for the same seed. */
function noise(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE() | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** A one-pole low-pass; what it takes away is a high-pass. */
const lowPass = (cutoffHertz: number): ((sample: number) => number) => {
  const share = 1 - Math.exp((-2 * Math.PI * cutoffHertz) / WIDE);
  let last = 0;
  return (sample) => {
    last += share * (sample - last);
    return last;
  };
};

/** Noise between about 200 and 1,500 Hz, syllable by syllable. */
function babble(seed: string, seconds: number): Int16Array {
  const random = noise(seed);
  const [upper, steeper, lower] = [lowPass(1_500), lowPass(1_500), lowPass(200)];
  const samples = new Int16Array(Math.round(seconds * WIDE));
  for (let i = 0; i < samples.length; i++) {
    const at = i % (SYLLABLE + PAUSE);
    const loudness = at < SYLLABLE ? Math.sin((Math.PI * at) / SYLLABLE) : 0;
    const sound = steeper(upper(random()));
    samples[i] = Math.round(24_000 * loudness * (sound - lower(sound)));
  }
  return samples;
}

/** Writes one prompt in both rates. `seconds`: exactly so long. */
export async function makePrompt(dir: string, id: string, seconds: number): Promise<void> {
  const wide = level({ rate: WIDE, samples: babble(id, seconds) });
  const narrow = Int16Array.from(
    { length: Math.floor(wide.samples.length / 2) },
    (_, i) => ((wide.samples[2 * i] as number) + (wide.samples[2 * i + 1] as number)) / 2,
  );
  await writeFile(join(dir, `${id}.wav16`), writeWave(wide));
  await writeFile(join(dir, `${id}.wav`), writeWave({ rate: WIDE / 2, samples: narrow }));
}

export async function makePrompts(
  dir: string,
  prompts: Iterable<{ readonly id: string; readonly text: string }>,
): Promise<void> {
  for (const { id, text } of prompts) await makePrompt(dir, id, Math.max(0.8, text.length * SECONDS_PER_CHARACTER));
}
