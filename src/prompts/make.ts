/** Makes the two audio files of one prompt, from its text or from the operator's file. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptBuildFailed } from '../base/errors.ts';
import { level } from './level.ts';
import { type PromptFiles, readIfThere, replaceFile } from './library.ts';
import { runTool } from './run-tool.ts';
import { spokenText } from './spoken-text.ts';
import type { Tools } from './tools.ts';
import { readWave, type Wave, writeWave } from './wave.ts';

/** Hz of the two files. */
const NARROW = 8000;
const WIDE = 16000;

export interface Making {
  readonly tools: Tools;
  /** Empty at first, and of this build alone. */
  readonly workDir: string;
  readonly signal: AbortSignal;
}

/** Speaks a text at the standard level. Returns the 8 kHz audio. */
export async function makeSpoken(id: string, text: string, files: PromptFiles, making: Making): Promise<Wave> {
  const spoken = join(making.workDir, `${id}.spoken.wav`);
  await runTool(making.tools.synthesiser, { prompt: id, text: spokenText(text), out: spoken }, making.signal);
  if (!(await readIfThere(spoken))) throw new PromptBuildFailed(`${id}: the synthesiser ended well but left no file`);
  return makeBoth(id, spoken, files, making, level);
}

/** Takes over the operator's audio, at the operator's own level. Returns the 8 kHz audio. */
export async function makeSupplied(id: string, file: string, files: PromptFiles, making: Making): Promise<Wave> {
  const copy = join(making.workDir, `${id}.supplied.wav`);
  await copyFile(file, copy);
  return makeBoth(id, copy, files, making, (wave) => wave);
}

type Finish = (wave: Wave) => Wave;

async function makeBoth(id: string, from: string, files: PromptFiles, making: Making, finish: Finish): Promise<Wave> {
  const narrow = finish(await convert(id, from, NARROW, making));
  const wide = finish(await convert(id, from, WIDE, making));
  await replaceFile(files.narrow, writeWave(narrow));
  await replaceFile(files.wide, writeWave(wide));
  return narrow;
}

async function convert(id: string, from: string, rate: number, { tools, workDir, signal }: Making): Promise<Wave> {
  const out = join(workDir, `${id}.${rate}.wav`);
  await runTool(tools.converter, { prompt: id, in: from, out, rate }, signal);
  const bytes = await readIfThere(out);
  if (!bytes) throw new PromptBuildFailed(`${id}: the converter ended well but left no file`);
  const { wave, fault } = readWave(bytes, [rate]);
  if (fault) throw new PromptBuildFailed(`${id}: what the converter made ${fault.message}`);
  return wave;
}
