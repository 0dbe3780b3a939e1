/** Sounds as arrays of samples, 8 kHz mono, and the files Asterisk reads and writes. Pure. */

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

/** Asterisk's `.sln`: bare samples. */
export const toSln = (sound: Int16Array): Uint8Array =>
  new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength);

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

/** Samples of a 16-bit mono WAV file, whatever its chunks; a file still being written counts to its end. */
export const fromWav = (file: Uint8Array): Int16Array => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.byteLength < 12 || tag(0) !== 'RIFF') return new Int16Array(0);
  let at = 12;
  while (at + 8 <= file.byteLength) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'data')
      return samplesOf(file.subarray(at + 8, Math.min(file.byteLength, size === 0 ? file.byteLength : at + 8 + size)));
    at += 8 + size + (size % 2);
  }
  return new Int16Array(0);
};

const samplesOf = (bytes: Uint8Array): Int16Array =>
  new Int16Array(bytes.slice(0, bytes.length - (bytes.length % 2)).buffer);

export const toWav = (sound: Int16Array): Uint8Array => {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + sound.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.byteLength, 40);
  return Buffer.concat([header, toSln(sound)]);
};
