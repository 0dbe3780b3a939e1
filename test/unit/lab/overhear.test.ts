import { expect, test } from 'vitest';
import { mostlyHeard } from '../../../src/lab/exchange/overhear.ts';
import { mix, sine } from '../../../src/lab/sound/sound.ts';
import { longestSilence } from '../../../src/lab/sound/tones.ts';
import { MUSIC_HERTZ, RINGING_HERTZ } from '../../../src/lab/sound/voices.ts';

const speakers = new Map([
  [500, 'caller'],
  [600, 'one'],
  [640, 'two'],
]);
const music = mix(...MUSIC_HERTZ.map((hertz) => sine(hertz, 300, 0.02)));

test('everybody who speaks at once is told apart, and music and ringing from both', () => {
  expect(mostlyHeard(sine(500, 300), speakers)).toEqual(['caller']);
  expect(mostlyHeard(mix(sine(600, 300), sine(640, 300)), speakers)).toEqual(['one', 'two']);
  expect(mostlyHeard(music, speakers)).toEqual(['music']);
  expect(mostlyHeard(sine(RINGING_HERTZ, 300), speakers)).toEqual(['ringing']);
  expect(mostlyHeard(new Int16Array(2_400), speakers)).toEqual([]);
});

test('a click, and somebody who has just left, are not taken for somebody', () => {
  const clicked = sine(600, 300);
  clicked.fill(0, 1_000, 1_160);
  expect(mostlyHeard(clicked, speakers)).toEqual(['one']);
  const left = sine(640, 300);
  left.set(sine(600, 90), 0);
  expect(mostlyHeard(left, speakers)).toEqual(['two']);
});

test('the longest silence is found, from a moment on', () => {
  const sound = new Int16Array(8_000);
  sound.set(sine(500, 300), 0);
  sound.set(sine(500, 300), 4_800);
  expect(longestSilence(sound, 0)).toBe(300);
  expect(longestSilence(sound, 500)).toBe(100);
});
