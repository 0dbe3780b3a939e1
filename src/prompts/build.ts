/**
 * Makes the audio of every prompt of a table. What has not changed since the last build is kept, so that a build is
 * quick, and repeating it does no harm.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Prompt } from '../routing/table.ts';
import {
  type Fingerprint,
  type Manifest,
  type ManifestEntry,
  type PromptFiles,
  type PromptFolders,
  promptFiles,
  readIfThere,
  readManifest,
  spokenFingerprint,
  suppliedFile,
  suppliedFingerprint,
  writeManifest,
} from './library.ts';
import { type Making, makeSpoken, makeSupplied } from './make.ts';
import { measure } from './measure.ts';
import { programHash, type Tools, type VoiceCommands } from './tools.ts';
import { readWave } from './wave.ts';

export interface BuildOptions {
  readonly folders: PromptFolders;
  readonly voice: VoiceCommands;
  /** Where there are none, audio that is complete is kept as it is. */
  readonly tools: () => Promise<Tools>;
  /** Ends the build; the tools that run are killed. */
  readonly signal?: AbortSignal;
  /** Told of each prompt as soon as it is done, in no set order. */
  readonly onDone?: (outcome: PromptOutcome) => void;
}

interface Circumstances extends BuildOptions {
  /** Hash of the program that would speak; undefined where there is none: what was made elsewhere is then taken as it is. */
  readonly program: string | undefined;
}

/** `built`: spoken anew · `supplied`: the operator's audio taken over anew · `kept`: as it was. */
export interface PromptDone {
  readonly id: string;
  readonly how: 'built' | 'supplied' | 'kept';
  /** Length and level of the 8 kHz file. */
  readonly seconds: number;
  readonly rmsDbfs: number;
}

/** The operator's file cannot be used; whatever audio was built before stays. */
export interface PromptRefused {
  readonly id: string;
  readonly how: 'refused';
  /** e.g. `config/prompts/a.wav has 2 channels, must be mono`. */
  readonly because: string;
}

export type PromptOutcome = PromptDone | PromptRefused;

interface Make {
  readonly id: string;
  readonly files: PromptFiles;
  readonly fingerprint: Fingerprint;
}

type MakingJob =
  | (Make & { readonly do: 'speak'; readonly text: string })
  | (Make & { readonly do: 'supply'; readonly file: string });

/** What a build has to do for one prompt. */
type Job =
  | MakingJob
  | { readonly id: string; readonly do: 'keep'; readonly entry: ManifestEntry }
  | { readonly id: string; readonly do: 'refuse'; readonly because: string };

/**
 * Brings `folders.dir` up to date with the prompts, and returns an outcome for each, in their order.
 * @throws PromptBuildFailed on the first prompt that cannot be made; those made before it stay made.
 */
export async function buildPrompts(prompts: Iterable<Prompt>, options: BuildOptions): Promise<PromptOutcome[]> {
  const manifest = await readManifest(options.folders);
  const program = await options
    .tools()
    .then(({ synthesiser }) => programHash(synthesiser))
    .catch(() => undefined);
  const among = { ...options, program };
  const jobs = await Promise.all([...prompts].map((prompt) => planJob(prompt, manifest.get(prompt.id), among)));
  const outcomes = new Map<string, PromptOutcome>();
  const tell = (outcome: PromptOutcome): void => {
    outcomes.set(outcome.id, outcome);
    options.onDone?.(outcome);
  };
  const toMake: MakingJob[] = [];
  for (const job of jobs) {
    if (job.do === 'keep' || job.do === 'refuse') tell(settled(job));
    else toMake.push(job);
  }
  if (toMake.length > 0) await makeAll(toMake, manifest, among, tell);
  return jobs.flatMap((job) => outcomes.get(job.id) ?? []);
}

async function makeAll(
  jobs: readonly MakingJob[],
  before: Manifest,
  options: Circumstances,
  tell: (outcome: PromptOutcome) => void,
): Promise<void> {
  const manifest = new Map(before);
  const makeOne = async (job: MakingJob, making: Making): Promise<void> => {
    const entry = await make(job, making, options.program);
    manifest.set(job.id, entry);
    tell(done(job.id, job.do === 'speak' ? 'built' : 'supplied', entry));
  };
  const tools = await options.tools();
  const workDir = await mkdtemp(join(tools.workDir, 'hotline-prompts-'));
  const signal = options.signal ?? new AbortController().signal;
  try {
    await inParallel(jobs, availableParallelism(), signal, (job, stop) =>
      makeOne(job, { tools, workDir, signal: stop }),
    );
  } finally {
    await writeManifest(options.folders, manifest);
    await rm(workDir, { recursive: true, force: true });
  }
}

async function make(job: MakingJob, making: Making, program: string | undefined): Promise<ManifestEntry> {
  const { fingerprint } = job;
  const spoken = job.do === 'speak';
  const wave = spoken
    ? await makeSpoken(job.id, job.text, job.files, making)
    : await makeSupplied(job.id, job.file, job.files, making);
  const { seconds, rmsDbfs } = measure(wave);
  const voice = spoken && program !== undefined ? { voice: program } : {};
  const level = { seconds, rmsDbfs: Number(rmsDbfs.toFixed(2)) };
  return { fingerprint, source: spoken ? 'spoken' : 'supplied', ...voice, ...level };
}

function settled(job: Exclude<Job, MakingJob>): PromptOutcome {
  return job.do === 'keep' ? done(job.id, 'kept', job.entry) : { id: job.id, how: 'refused', because: job.because };
}

function done(id: string, how: PromptDone['how'], { seconds, rmsDbfs }: ManifestEntry): PromptDone {
  return { id, how, seconds, rmsDbfs };
}

/** `entry`: what the last build left of this prompt. */
async function planJob(prompt: Prompt, entry: ManifestEntry | undefined, among: Circumstances): Promise<Job> {
  const job = await wanted(prompt, among);
  if (job.do === 'refuse' || job.do === 'keep') return job;
  const sameVoice = job.do === 'supply' || among.program === undefined || entry?.voice === among.program;
  const current = sameVoice && entry?.fingerprint === job.fingerprint && (await bothThere(job.files));
  return current && entry ? { id: prompt.id, do: 'keep', entry } : job;
}

/** The operator's file wins over the text. */
async function wanted(prompt: Prompt, { folders, voice }: BuildOptions): Promise<Job> {
  const { id, text } = prompt;
  const files = promptFiles(folders, id);
  const file = suppliedFile(folders, prompt);
  if (file === undefined)
    return { id, do: 'speak', text, files, fingerprint: spokenFingerprint(text, voice.synthesiser) };
  const content = await readIfThere(file);
  if (!content) return { id, do: 'refuse', because: `${file} is not there` };
  const { fault } = readWave(content);
  if (fault) return { id, do: 'refuse', because: `${file} ${fault.message}` };
  return { id, do: 'supply', file, files, fingerprint: suppliedFingerprint(content) };
}

async function bothThere({ narrow, wide }: PromptFiles): Promise<boolean> {
  const contents = await Promise.all([readIfThere(narrow), readIfThere(wide)]);
  return contents.every((content) => content !== undefined);
}

/**
 * Does `work` on every item, `atOnce` at a time, and returns the results in the items' order.
 * The first failure stops the rest: nothing new is begun, `work`'s signal aborts, and it is thrown once all have ended.
 */
async function inParallel<I, R>(
  items: readonly I[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: I, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (stop.aborted) return;
      results[at] = await work(item, stop);
    }
  };
  // abort() keeps its first reason; what fails after it only fails because of it.
  const workers = Array.from({ length: atOnce }, () => worker().catch((error: unknown) => failure.abort(error)));
  await Promise.all(workers);
  stop.throwIfAborted();
  return results;
}
