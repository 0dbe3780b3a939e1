import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { PromptBuildFailed } from '../../../src/base/errors.ts';
import { type BuildOptions, buildPrompts } from '../../../src/prompts/build.ts';
import { type PromptFolders, promptFiles } from '../../../src/prompts/library.ts';
import { measure } from '../../../src/prompts/measure.ts';
import type { VoiceCommands } from '../../../src/prompts/tools.ts';
import { readWave } from '../../../src/prompts/wave.ts';
import { fakeVoice, newFolders, put, recorded, spoken, tone, toolsFor } from './audio.ts';

const merged = spoken('merged', '您好请稍候');
const busy = spoken('busy', '抱歉');
const whisper = spoken('whisper-number-12301', '12301');

let folders: PromptFolders;
beforeEach(async () => {
  folders = await newFolders();
});

const options = (voice: VoiceCommands = fakeVoice): BuildOptions => ({ folders, voice, tools: toolsFor(voice) });
const noTools = (): BuildOptions => ({
  ...options(),
  tools: async () => {
    throw new Error('no tools were expected to be needed');
  },
});
const how = async (building: Promise<readonly { id: string; how: string }[]>): Promise<string[]> =>
  (await building).map(({ id, how }) => `${id} ${how}`);

describe('a spoken prompt', () => {
  test('becomes an 8 kHz and a 16 kHz file, trimmed and at the standard level', async () => {
    const [outcome] = await buildPrompts([merged], options());
    const { narrow, wide } = promptFiles(folders, 'merged');
    const read = [readWave(await readFile(narrow)).wave, readWave(await readFile(wide)).wave];
    expect(read.map((wave) => wave?.rate)).toEqual([8000, 16000]);
    for (const wave of read) {
      const { seconds, rmsDbfs, peakDbfs } = measure(wave ?? tone(0, 0));
      expect(seconds).toBeCloseTo(0.7, 1);
      expect(rmsDbfs).toBeGreaterThan(-23);
      expect(rmsDbfs).toBeLessThan(-19);
      expect(peakDbfs).toBeLessThanOrEqual(-3);
    }
    expect(outcome).toMatchObject({ id: 'merged', how: 'built', seconds: expect.closeTo(0.7, 1) });
  });

  test('is kept, without any tool, while nothing about it changes', async () => {
    await buildPrompts([merged, busy], options());
    expect(await how(buildPrompts([merged, busy], noTools()))).toEqual(['merged kept', 'busy kept']);
  });

  test('is spoken again when another version of the voice is installed', async () => {
    const program = await put(join(folders.supplied, 'voice'), Buffer.from('version 1'));
    const versioned = (): BuildOptions => ({
      ...options(),
      tools: async () => {
        const tools = await toolsFor(fakeVoice)();
        return { ...tools, synthesiser: { ...tools.synthesiser, program } };
      },
    });
    await buildPrompts([merged], versioned());
    expect(await how(buildPrompts([merged], versioned()))).toEqual(['merged kept']);
    await put(program, Buffer.from('version 2'));
    expect(await how(buildPrompts([merged], versioned()))).toEqual(['merged built']);
  });

  test('is spoken again when its text changes, and the others are kept', async () => {
    await buildPrompts([merged, busy, whisper], options());
    const changed = [merged, spoken('busy', '十分抱歉'), whisper];
    expect(await how(buildPrompts(changed, options()))).toEqual([
      'merged kept',
      'busy built',
      'whisper-number-12301 kept',
    ]);
  });

  test('is spoken again by another voice', async () => {
    await buildPrompts([merged], options());
    const other = { ...fakeVoice, synthesiser: fakeVoice.synthesiser.slice(0, 3) };
    expect(await how(buildPrompts([merged], options(other)))).toEqual(['merged built']);
  });

  test('is spoken again when one of its files is gone or the manifest is spoiled', async () => {
    await buildPrompts([merged], options());
    await rm(promptFiles(folders, 'merged').wide);
    expect(await how(buildPrompts([merged], options()))).toEqual(['merged built']);
    await put(join(folders.dir, 'manifest.json'), Buffer.from('{"version":1,'));
    expect(await how(buildPrompts([merged], options()))).toEqual(['merged built']);
  });

  test('reaches a voice that reads standard input, too', async () => {
    const other = { ...fakeVoice, synthesiser: fakeVoice.synthesiser.slice(0, 3) };
    const [outcome] = await buildPrompts([merged], options(other));
    expect(outcome).toMatchObject({ how: 'built', seconds: expect.closeTo(0.7, 1) });
  });

  test('goes to the voice as one argument, whatever it holds', async () => {
    const [outcome] = await buildPrompts([spoken('odd', '$(exit 1); "{out}"')], options());
    expect(outcome).toMatchObject({ how: 'built', seconds: expect.closeTo(2.0, 1) });
  });
});

describe('a supplied prompt', () => {
  test('wins over the text, and keeps its own level and length', async () => {
    await put(join(folders.supplied, 'own.wav'), tone(2, 0.05, 16000));
    const [outcome] = await buildPrompts([recorded('merged', 'own.wav')], options());
    expect(outcome).toMatchObject({ how: 'supplied', seconds: expect.closeTo(2, 2), rmsDbfs: expect.closeTo(-29, 0) });
  });

  test('is taken over again only when its content changes', async () => {
    const prompts = [recorded('merged', 'own.wav')];
    const file = await put(join(folders.supplied, 'own.wav'), tone(2, 0.5));
    await buildPrompts(prompts, options());
    expect(await how(buildPrompts(prompts, noTools()))).toEqual(['merged kept']);
    await put(file, tone(3, 0.5));
    expect(await how(buildPrompts(prompts, options()))).toEqual(['merged supplied']);
  });

  test('that is absent or unusable is refused, and the other prompts are still built', async () => {
    const mp3 = await put(join(folders.supplied, 'song.wav'), Buffer.from('ID3 la la la'));
    const outcomes = await buildPrompts([recorded('a', 'gone.wav'), recorded('b', 'song.wav'), busy], options());
    expect(outcomes).toMatchObject([
      { id: 'a', how: 'refused', because: `${join(folders.supplied, 'gone.wav')} is not there` },
      { id: 'b', how: 'refused', because: `${mp3} is not a WAV file` },
      { id: 'busy', how: 'built' },
    ]);
  });
});

describe('a build that fails', () => {
  const failing = spoken('broken', '失败');

  test('says in one line which command failed and what it said', async () => {
    const building = buildPrompts([failing], options());
    await expect(building).rejects.toThrow(PromptBuildFailed);
    await expect(building).rejects.toThrow(
      /^broken: .*fake-voice\.mjs \{out\} \{text\}: exit 7: the voice has lost its tongue$/,
    );
  });

  test('keeps what was made before it, and leaves no half-written file', async () => {
    await buildPrompts([merged], options());
    await expect(buildPrompts([merged, failing, busy], options())).rejects.toThrow(PromptBuildFailed);
    expect(await how(buildPrompts([merged], noTools()))).toEqual(['merged kept']);
    expect(
      (await readdir(folders.dir)).filter((name) => !/^(merged|busy)\.wav(16)?$|^manifest\.json$/.test(name)),
    ).toEqual([]);
  });

  test('names a command that is not there', async () => {
    const nobody = { ...fakeVoice, synthesiser: ['no-such-voice', '{out}'] };
    await expect(buildPrompts([merged], options(nobody))).rejects.toThrow(
      'merged: no-such-voice {out}: no such command',
    );
  });

  test('does not take a voice at its word when it left no file', async () => {
    await expect(buildPrompts([spoken('mute', '不出声')], options())).rejects.toThrow(
      'mute: the synthesiser ended well but left no file',
    );
  });

  test('names a folder it cannot write to', async () => {
    const file = await put(join(folders.supplied, 'a-file'), Buffer.from(''));
    const nowhere = { ...options(), folders: { ...folders, dir: join(file, 'played') } };
    await expect(buildPrompts([merged], nowhere)).rejects.toThrow(
      /cannot be written \(a file stands where a folder has to be\)/,
    );
  });

  test('ends when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(buildPrompts([merged], { ...options(), signal })).rejects.toThrow('enough');
  });
});

test('each prompt is told of once it is done', async () => {
  const told: string[] = [];
  await buildPrompts([merged, busy], { ...options(), onDone: ({ id }) => told.push(id) });
  expect(told.toSorted()).toEqual(['busy', 'merged']);
});
