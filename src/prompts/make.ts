/** Makes the two audio files of one prompt, from its text or from the operator's file. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptBuildFailed } from '../base/errors.ts';
import { orUnwritable, writeWhole } from '../base/files.ts';
import { type PromptFiles, readIfThere } from './library.ts';
import { FLOOR_DBFS, frameLevels, frameSize, fromDbfs, measure } from './measure.ts';
import { spokenText } from './spoken-text.ts';
import { runTool, type Tools } from './tools.ts';
import { readWave, type Wave, writeWave } from './wave.ts';

/** Hz of the two files. */
const NARROW = 8000;
const WIDE = 16000;

/** Mean speech level; what telephone announcements are usually mastered to. */
const TARGET_RMS_DBFS = -20;
/** Highest peak left; room for the PBX's own mixing and for A-law's coarse top steps. */
const PEAK_LIMIT_DBFS = -3;
/** A frame below this is no speech. */
const PAUSE_DBFS = -50;
/** Quiet kept at either end, so that no consonant is cut and pieces said in a row do not run together. */
const MARGIN_SECONDS = 0.1;

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
  await orUnwritable(files.narrow, writeWhole(files.narrow, writeWave(narrow)));
  await orUnwritable(files.wide, writeWhole(files.wide, writeWave(wide)));
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

/**
 * The prompt without its silent ends, at the standard level, so that every spoken prompt is equally loud whatever voice
 * spoke it. Not left to the converter: a simpler converter will do.
 */
export function level(wave: Wave): Wave {
  return normalise(trim(wave));
}

function trim({ rate, samples }: Wave): Wave {
  const spoken = frameLevels({ rate, samples }).map((frame) => frame >= fromDbfs(PAUSE_DBFS));
  if (!spoken.includes(true)) return { rate, samples };
  const margin = Math.round(rate * MARGIN_SECONDS);
  const from = Math.max(0, spoken.indexOf(true) * frameSize(rate) - margin);
  const to = (spoken.lastIndexOf(true) + 1) * frameSize(rate) + margin;
  return { rate, samples: samples.slice(from, to) };
}

function normalise(wave: Wave): Wave {
  const { rmsDbfs, peakDbfs } = measure(wave);
  if (peakDbfs <= FLOOR_DBFS) return wave;
  const gain = fromDbfs(Math.min(TARGET_RMS_DBFS - rmsDbfs, PEAK_LIMIT_DBFS - peakDbfs));
  return { rate: wave.rate, samples: wave.samples.map((sample) => Math.round(sample * gain)) };
}
