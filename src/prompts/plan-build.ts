/** Decides for one prompt what a build has to do. */
import type { Prompt } from '../routing/table.ts';
import {
  type Fingerprint,
  type ManifestEntry,
  type PromptFiles,
  type PromptFolders,
  promptFiles,
  readIfThere,
  spokenFingerprint,
  suppliedFile,
  suppliedFingerprint,
} from './library.ts';
import type { VoiceCommands } from './tools.ts';
import { readWave } from './wave.ts';

interface Make {
  readonly id: string;
  readonly files: PromptFiles;
  readonly fingerprint: Fingerprint;
}

export type MakingJob =
  | (Make & { readonly do: 'speak'; readonly text: string })
  | (Make & { readonly do: 'supply'; readonly file: string });

export type Job =
  | MakingJob
  | { readonly id: string; readonly do: 'keep'; readonly entry: ManifestEntry }
  | { readonly id: string; readonly do: 'refuse'; readonly because: string };

interface Circumstances {
  readonly folders: PromptFolders;
  readonly voice: VoiceCommands;
  /** Hash of the program that would speak; undefined when there is none here, and what was made elsewhere is taken as it is. */
  readonly program?: string | undefined;
}

/** `entry`: what the last build left of this prompt. */
export async function planJob(prompt: Prompt, entry: ManifestEntry | undefined, among: Circumstances): Promise<Job> {
  const job = await wanted(prompt, among);
  if (job.do === 'refuse' || job.do === 'keep') return job;
  const sameVoice = job.do === 'supply' || among.program === undefined || entry?.voice === among.program;
  const current = sameVoice && entry?.fingerprint === job.fingerprint && (await bothThere(job.files));
  return current && entry ? { id: prompt.id, do: 'keep', entry } : job;
}

/** The operator's file wins over the text. */
async function wanted(prompt: Prompt, { folders, voice }: Circumstances): Promise<Job> {
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
