import { expect, test } from 'vitest';
import { readWave, writeWave } from '../../../src/prompts/wave.ts';
import { tone } from './audio.ts';

const good = (): Buffer => writeWave(tone(0.1, 0.5));

/** A good file with one 16-bit field of its header changed. */
const withField = (at: number, value: number): Buffer => {
  const bytes = good();
  bytes.writeUInt16LE(value, at);
  return bytes;
};

test('what was written is read back, sample for sample', () => {
  const wave = tone(0.1, 0.9, 16000);
  expect(readWave(writeWave(wave)).wave).toEqual(wave);
});

test('chunks that other programs add are passed over, odd lengths too', () => {
  const note = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
  const bytes = good();
  const noted = Buffer.concat([bytes.subarray(0, 12), note, bytes.subarray(12)]);
  expect(readWave(noted).wave).toEqual(tone(0.1, 0.5));
});

test('the extensible header is read when what it wraps is PCM', () => {
  const bytes = good();
  const extension = Buffer.alloc(24);
  extension.writeUInt16LE(22, 0);
  extension.writeUInt16LE(1, 8);
  const extensible = Buffer.concat([bytes.subarray(0, 36), extension, bytes.subarray(36)]);
  extensible.writeUInt32LE(40, 16);
  extensible.writeUInt16LE(0xfffe, 20);
  expect(readWave(extensible).wave).toEqual(tone(0.1, 0.5));
});

test.each([
  ['a file that is no WAV', Buffer.from('ID3 this is an mp3'), 'not-wave', 'is not a WAV file'],
  ['an empty file', Buffer.alloc(0), 'not-wave', 'is not a WAV file'],
  ['A-law', withField(20, 6), 'codec', 'is A-law, must be PCM'],
  ['a codec nobody knows', withField(20, 999), 'codec', 'is codec 999, must be PCM'],
  ['stereo', withField(22, 2), 'channels', 'has 2 channels, must be mono'],
  ['8 bits', withField(34, 8), 'bits', 'has 8 bits per sample, must have 16'],
  ['a CD rate', withField(24, 44100), 'rate', 'is 44100 Hz, must be 8000 or 16000 Hz'],
  ['a header alone', good().subarray(0, 30), 'truncated', 'ends before its format is told'],
  ['a file without audio', good().subarray(0, 36), 'truncated', 'holds no audio'],
  [
    'a copy that broke off',
    good().subarray(0, 1000),
    'truncated',
    'is cut short: 956 bytes of audio where its header promises 1600',
  ],
])('%s is refused and the reason told', (_, bytes, kind, message) => {
  expect(readWave(bytes).fault).toEqual({ kind, message });
});
