/**
 * Reading and writing the one kind of audio file a PBX is given: RIFF WAVE, PCM, one channel, 16 bits.
 * Layout: Microsoft "Multimedia Programming Interface and Data Specifications 1.0"; the extensible form (tag 0xFFFE)
 * carries its codec in the first two bytes of a GUID at byte 24 of the `fmt ` chunk.
 */

/** Sampling rates a prompt may have, in Hz: narrow-band and wide-band telephony. */
const TELEPHONY_RATES: readonly number[] = [8000, 16000];

export interface Wave {
  /** Samples per second, in Hz. */
  readonly rate: number;
  /** Linear PCM, full scale ±32767. */
  readonly samples: Int16Array;
}

/** What is wrong with a file that should have been a {@link Wave}; `message` is the rest of "file: …". */
export interface WaveFault {
  readonly kind: 'not-wave' | 'codec' | 'channels' | 'bits' | 'rate' | 'truncated';
  readonly message: string;
}

export type WaveRead =
  | { readonly wave: Wave; readonly fault?: never }
  | { readonly fault: WaveFault; readonly wave?: never };

const PCM = 1;
const EXTENSIBLE = 0xfffe;
const CODEC_NAMES: Readonly<Record<number, string>> = { 2: 'ADPCM', 3: 'floating point', 6: 'A-law', 7: 'µ-law' };

interface Chunk {
  readonly body: Buffer;
  /** Bytes the header promises; more than `body` holds when the file is cut short. */
  readonly size: number;
}

/** Reads a WAV file's bytes; anything but mono 16-bit PCM at one of `rates` (Hz) is a fault. */
export function readWave(bytes: Buffer, rates: readonly number[] = TELEPHONY_RATES): WaveRead {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return fault('not-wave', 'is not a WAV file');
  const chunks = readChunks(bytes);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!format || format.body.length < 16) return fault('truncated', 'ends before its format is told');
  const wrong = formatFault(format.body, rates);
  if (wrong) return { fault: wrong };
  if (!data) return fault('truncated', 'holds no audio');
  if (data.body.length < data.size)
    return fault(
      'truncated',
      `is cut short: ${data.body.length} bytes of audio where its header promises ${data.size}`,
    );
  return { wave: { rate: format.body.readUInt32LE(4), samples: toSamples(data.body) } };
}

/** The bytes of a WAV file. */
export function writeWave({ rate, samples }: Wave): Buffer {
  const header = Buffer.alloc(44);
  const dataBytes = samples.length * 2;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  const body = Buffer.alloc(dataBytes);
  samples.forEach((sample, at) => {
    body.writeInt16LE(sample, at * 2);
  });
  return Buffer.concat([header, body]);
}

function readChunks(bytes: Buffer): ReadonlyMap<string, Chunk> {
  const chunks = new Map<string, Chunk>();
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (!chunks.has(name)) chunks.set(name, { body: bytes.subarray(at + 8, at + 8 + size), size });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

function formatFault(format: Buffer, rates: readonly number[]): WaveFault | undefined {
  const tag = format.readUInt16LE(0);
  const codec = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const channels = format.readUInt16LE(2);
  const rate = format.readUInt32LE(4);
  const bits = format.readUInt16LE(14);
  if (codec !== PCM) return { kind: 'codec', message: `is ${CODEC_NAMES[codec] ?? `codec ${codec}`}, must be PCM` };
  if (channels !== 1) return { kind: 'channels', message: `has ${channels} channels, must be mono` };
  if (bits !== 16) return { kind: 'bits', message: `has ${bits} bits per sample, must have 16` };
  if (!rates.includes(rate)) return { kind: 'rate', message: `is ${rate} Hz, must be ${rates.join(' or ')} Hz` };
  return undefined;
}

/** A copy, because a chunk may begin at an odd place in memory, where an Int16Array cannot. */
function toSamples(body: Buffer): Int16Array {
  return Int16Array.from({ length: body.length >> 1 }, (_, at) => body.readInt16LE(at * 2));
}

function fault(kind: WaveFault['kind'], message: string): WaveRead {
  return { fault: { kind, message } };
}
