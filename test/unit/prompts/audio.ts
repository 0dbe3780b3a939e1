/** Audio and tables made up for these tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PromptFolders } from '../../../src/prompts/library.ts';
import { onThisMachine, type Tools, type VoiceCommands } from '../../../src/prompts/tools.ts';
import { type Wave, writeWave } from '../../../src/prompts/wave.ts';
import type { HotlineNumber, Prompt, Table } from '../../../src/routing/table.ts';
import { ZoneClock } from '../../../src/routing/time/zone-clock.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/prompts', name);

export const fakeVoice: VoiceCommands = {
  synthesiser: [process.execPath, fixture('fake-voice.mjs'), '{out}', '{text}'],
  converter: [process.execPath, fixture('fake-converter.mjs'), '{in}', '{out}', '{rate}'],
};

export const toolsFor = (voice: VoiceCommands) => async (): Promise<Tools> => ({
  synthesiser: onThisMachine(voice.synthesiser, fixture('fake-voice.mjs')),
  converter: onThisMachine(voice.converter),
  workDir: tmpdir(),
});

export const tone = (seconds: number, peak: number, rate = 8000): Wave => ({
  rate,
  samples: Int16Array.from({ length: Math.round(seconds * rate) }, (_, at) =>
    Math.max(-32767, Math.min(32767, Math.round(peak * 32767 * Math.sin((2 * Math.PI * 440 * at) / rate)))),
  ),
});

export const silence = (seconds: number, rate = 8000): Wave => ({ rate, samples: new Int16Array(seconds * rate) });

export const joined = (...waves: Wave[]): Wave => ({
  rate: waves[0]?.rate ?? 8000,
  samples: Int16Array.from(waves.flatMap(({ samples }) => [...samples])),
});

/** Two empty folders that vanish with the test. */
export const newFolders = async (): Promise<PromptFolders> => {
  const root = await mkdtemp(join(tmpdir(), 'prompts-test-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return { dir: join(root, 'played'), supplied: join(root, 'supplied') };
};

export const put = async (file: string, content: Wave | Buffer): Promise<string> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'samples' in content ? writeWave(content) : content);
  return file;
};

export const spoken = (id: string, text: string): Prompt => ({ id, text, file: undefined });
export const recorded = (id: string, file: string): Prompt => ({ id, text: '文字', file });

/** A table in which 12301 plays the first prompt. */
export const tableOf = (...prompts: Prompt[]): Table => ({
  revision: '0000000000000000',
  clock: new ZoneClock('Asia/Shanghai'),
  hours: new Map(),
  callers: new Map(),
  regions: new Map(),
  trunks: new Map(),
  prompts: new Map(prompts.map((prompt) => [prompt.id, prompt])),
  queues: new Map(),
  seats: new Map(),
  numbers: new Map([['12301', hotline(prompts[0]?.id)]]),
  apology: 'busy',
  mobilePrefixes: new Map(),
  transfers: new Map(),
  handOvers: { most: 5, supervisors: undefined },
  expectations: [],
});

const hotline = (prompt: string | undefined): HotlineNumber => ({
  number: '12301',
  unit: '省文旅厅',
  mode: 'merged',
  prompt,
  because: undefined,
  rules: [],
  rulesOf: undefined,
});
