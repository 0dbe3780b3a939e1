/** Judges the bytes of one audio file: can a caller understand it, and does it end in time? Pure. */
import type { Problem } from '../routing/problems.ts';
import { type Measures, measure } from './measure.ts';
import { type PromptProblemCode, promptProblem } from './problems.ts';
import { readWave } from './wave.ts';

/** Speech has a frame above this, even a shy recording; a line on which nobody speaks has none. */
const AUDIBLE_DBFS = -40;
/** One sample in a thousand in flattened peaks is heard as crackle; a clean recording has next to none. */
const CLIPPED_SHARE = 0.001;

export interface Judged {
  /** Path, as problems name it. */
  readonly file: string;
  readonly promptId: string;
  /** Seconds it may last; undefined where nobody waits for its end. */
  readonly longest: number | undefined;
}

/** Every problem of the audio; none when it is fit to be played. */
export function judgeAudio(bytes: Buffer, { file, promptId, longest }: Judged): Problem[] {
  const problem = (code: PromptProblemCode, message: string): Problem =>
    promptProblem('error', code, `prompt ${promptId}: ${message}`, { file, line: 1, column: 1 });
  const { wave, fault } = readWave(bytes);
  if (fault) return [problem('PROMPT_FORMAT', `the file ${fault.message}`)];
  const measures = measure(wave);
  return [
    ...(isSilent(measures) ? [problem('PROMPT_SILENT', silence(measures))] : []),
    ...(measures.clippedShare > CLIPPED_SHARE ? [problem('PROMPT_CLIPPED', clipping(measures))] : []),
    ...(longest !== undefined && measures.seconds > longest
      ? [problem('PROMPT_TOO_LONG', tooLong(measures, longest))]
      : []),
  ];
}

function isSilent({ loudestDbfs }: Measures): boolean {
  return loudestDbfs < AUDIBLE_DBFS;
}

function silence({ seconds, loudestDbfs }: Measures): string {
  if (seconds === 0) return 'holds no audio at all';
  return `nothing is heard in its ${seconds.toFixed(1)} s: the loudest moment is ${loudestDbfs.toFixed(0)} dBFS, speech is above ${AUDIBLE_DBFS}`;
}

function clipping({ clippedShare }: Measures): string {
  return `${(clippedShare * 100).toFixed(1)} % of it is clipped: record it again with less gain`;
}

function tooLong({ seconds }: Measures, longest: number): string {
  return `lasts ${seconds.toFixed(1)} s, at most ${longest} s leave an agent time to answer within 15 s (GB/T 33358)`;
}
