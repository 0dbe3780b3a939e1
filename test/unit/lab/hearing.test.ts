import { expect, test } from 'vitest';
import { hear } from '../../../src/lab/sound/hearing.ts';
import { mix, SAMPLES_PER_MS, sine, toAlaw } from '../../../src/lab/sound/sound.ts';
import { toneSpans } from '../../../src/lab/sound/tones.ts';

/** Something like speech: syllables of a few harmonics, told apart by `seed`. */
const babble = (seed: number, ms: number): Int16Array => {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const syllables: Int16Array[] = [];
  for (let said = 0; said < ms; said += 125) {
    const pitch = 90 + 120 * random();
    const harmonics = Array.from({ length: 10 }, (_, i) => sine(pitch * (i + 1), 100, 0.06 * random()));
    syllables.push(mix(...harmonics), new Int16Array(25 * SAMPLES_PER_MS));
  }
  return join(...syllables);
};

const join = (...sounds: readonly Int16Array[]): Int16Array => {
  const all = new Int16Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    all.set(sound, at);
    at += sound.length;
  }
  return all;
};

const silence = (ms: number): Int16Array => new Int16Array(ms * SAMPLES_PER_MS);

/** What a line does to a sound: A-law keeps eight bits; coarse steps stand for it. */
const overTheLine = (sound: Int16Array): Int16Array =>
  sound.map((sample) => {
    const step = 2 ** Math.max(4, Math.floor(Math.log2(Math.abs(sample) + 1)) - 4);
    return Math.round(sample / step) * step;
  });

const prompts = new Map([
  ['merged', babble(1, 6000)],
  ['busy', babble(2, 4000)],
  ['wait', babble(3, 3000)],
  ['other', babble(4, 6000)],
]);
const prompt = (id: string): Int16Array => prompts.get(id) as Int16Array;

test('a prompt is found where it begins, and no other prompt is', () => {
  const recording = overTheLine(join(silence(730), prompt('merged'), sine(600, 3000), silence(8000)));
  const heard = hear(recording, prompts);
  expect(heard.map((each) => each.prompt)).toEqual(['merged']);
  expect(heard[0]?.match).toBeGreaterThan(0.9);
  expect(heard[0]?.fromMs).toBeCloseTo(730, -1);
});

test('a wrong prompt scores low', () => {
  const recording = overTheLine(join(silence(500), prompt('merged'), silence(2000)));
  const wrong = hear(recording, prompts, 0.05).filter((each) => each.prompt !== 'merged');
  expect(Math.max(0, ...wrong.map((each) => each.match))).toBeLessThan(0.3);
});

test('prompts are told in the order they were said, twice if said twice', () => {
  const recording = overTheLine(join(silence(200), prompt('wait'), silence(300), prompt('busy'), prompt('wait')));
  expect(hear(recording, prompts).map((each) => each.prompt)).toEqual(['wait', 'busy', 'wait']);
});

test('a prompt that the caller did not hear to its end still counts', () => {
  const cut = prompt('merged').subarray(0, 2500 * SAMPLES_PER_MS);
  const [heard] = hear(overTheLine(join(silence(400), cut)), prompts);
  expect(heard?.prompt).toBe('merged');
  expect(heard?.match).toBeGreaterThan(0.8);
});

test('a clock that runs a little fast does not hide a prompt', () => {
  const said = prompt('merged');
  const fast = Int16Array.from({ length: said.length - 10 }, (_, i) => said[Math.round(i * 1.00002)] ?? 0);
  expect(hear(join(silence(300), fast), prompts)[0]?.match).toBeGreaterThan(0.8);
});

test('frames lost and late on the way do not hide a prompt', () => {
  const said = prompt('merged');
  const at = (ms: number): number => ms * SAMPLES_PER_MS;
  const broken = join(
    said.subarray(0, at(1700)),
    said.subarray(at(1720), at(3400)),
    silence(40),
    said.subarray(at(3400)),
  );
  const [heard, ...more] = hear(overTheLine(join(silence(300), broken)), prompts);
  expect(more).toEqual([]);
  expect(heard?.prompt).toBe('merged');
  expect(heard?.match).toBeGreaterThan(0.85);
});

test('silence is no prompt', () => {
  expect(hear(silence(5000), prompts)).toEqual([]);
  expect(hear(new Int16Array(0), prompts)).toEqual([]);
});

test('twenty seconds against four prompts take a fraction of a second', () => {
  const recording = join(silence(1000), prompt('merged'), silence(13_000));
  const startedAt = performance.now();
  hear(recording, prompts);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test('a tone is told from its neighbour, with its beginning and end', () => {
  const recording = overTheLine(join(silence(1000), sine(640, 2000), silence(500)));
  const [span, ...more] = toneSpans(recording, 640);
  expect(more).toEqual([]);
  expect(span?.fromMs).toBeCloseTo(1000, -1.5);
  expect(span?.toMs).toBeCloseTo(3000, -1.5);
  expect(toneSpans(recording, 600)).toEqual([]);
  expect(toneSpans(recording, 680)).toEqual([]);
});

test('speech is no tone', () => {
  expect(toneSpans(prompt('merged'), 640)).toEqual([]);
});

test('A-law as ITU-T G.711 has it', () => {
  expect([0, -1, 8, -24, 32_767, -32_768, 1000, -1000].map(toAlaw)).toEqual([
    0xd5, 0x55, 0xd5, 0x54, 0xaa, 0x2a, 0xfa, 0x7a,
  ]);
});
