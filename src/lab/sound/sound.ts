/** Sounds made of tones, as arrays of samples, 8 kHz mono, and as the A-law files a line carries. Pure. */

export const SAMPLE_RATE = 8000;
export const SAMPLES_PER_MS = SAMPLE_RATE / 1000;

/** A sine; whole periods only if `hertz` divides the length. `level` 1 is full scale. */
export const sine = (hertz: number, ms: number, level = 0.25): Int16Array =>
  Int16Array.from({ length: ms * SAMPLES_PER_MS }, (_, i) =>
    Math.round(32767 * level * Math.sin((2 * Math.PI * hertz * i) / SAMPLE_RATE)),
  );

export const mix = (...sounds: readonly Int16Array[]): Int16Array =>
  Int16Array.from({ length: Math.max(...sounds.map((sound) => sound.length)) }, (_, i) =>
    sounds.reduce((sum, sound) => sum + (sound[i] ?? 0), 0),
  );

/** A short sound said over and over. */
export const repeat = (sound: Int16Array, times: number): Int16Array => {
  const all = new Int16Array(sound.length * times);
  for (let i = 0; i < times; i++) all.set(sound, i * sound.length);
  return all;
};

const SEGMENT_ENDS = [0x1f, 0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff];

/** One sample in A-law; ITU-T G.711. */
export const toAlaw = (sample: number): number => {
  const mask = sample >= 0 ? 0xd5 : 0x55;
  const magnitude = sample >= 0 ? sample >> 3 : (-sample - 1) >> 3;
  const segment = SEGMENT_ENDS.findIndex((end) => magnitude <= end);
  if (segment < 0) return 0x7f ^ mask;
  const step = segment < 2 ? (magnitude >> 1) & 0x0f : (magnitude >> segment) & 0x0f;
  return ((segment << 4) | step) ^ mask;
};

/** The file of a sound as the phone line carries it, so that nothing is converted while it plays. */
export const alawFile = (sound: Int16Array): Uint8Array => Uint8Array.from(sound, toAlaw);
