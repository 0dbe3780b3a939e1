import { expect, test } from 'vitest';
import { level } from '../../../src/prompts/make.ts';
import { measure } from '../../../src/prompts/measure.ts';
import { joined, silence, tone } from './audio.ts';

test('a tone measures its length, its peak, and 3 dB less as RMS', () => {
  const { seconds, peakDbfs, rmsDbfs, clippedShare } = measure(tone(1, 0.5));
  expect(seconds).toBe(1);
  expect(peakDbfs).toBeCloseTo(-6, 1);
  expect(rmsDbfs).toBeCloseTo(-9, 1);
  expect(clippedShare).toBe(0);
});

test('pauses lower the RMS and leave the loudest moment as it is', () => {
  const { rmsDbfs, loudestDbfs } = measure(joined(silence(9), tone(1, 0.5)));
  expect(rmsDbfs).toBeCloseTo(-19, 1);
  expect(loudestDbfs).toBeCloseTo(-9, 0);
});

test('no samples and silent samples measure a number, not infinity', () => {
  expect(measure(silence(0))).toMatchObject({ seconds: 0, rmsDbfs: -120, loudestDbfs: -120, clippedShare: 0 });
  expect(measure(silence(1)).peakDbfs).toBe(-120);
});

test('a tone driven over full scale is clipped, one that just reaches it is not', () => {
  expect(measure(tone(1, 3)).clippedShare).toBeGreaterThan(0.5);
  const single = silence(1);
  single.samples[100] = 32767;
  expect(measure(single).clippedShare).toBe(0);
});

test('a quiet and a loud voice come out equally loud', () => {
  expect(measure(level(tone(1, 0.01))).rmsDbfs).toBeCloseTo(-20, 1);
  expect(measure(level(tone(1, 1))).rmsDbfs).toBeCloseTo(-20, 1);
});

test('a voice with a sharp peak is kept 3 dB under full scale', () => {
  const spiky = tone(1, 0.02);
  spiky.samples[4000] = 20000;
  expect(measure(level(spiky)).peakDbfs).toBeCloseTo(-3, 1);
});

test('silent ends are cut to a tenth of a second, silence within is kept', () => {
  const speech = joined(silence(1), tone(1, 0.5), silence(1), tone(1, 0.5), silence(2));
  expect(measure(level(speech)).seconds).toBeCloseTo(3.2, 1);
});

test('silence stays silence', () => {
  expect(level(silence(1))).toEqual(silence(1));
});
