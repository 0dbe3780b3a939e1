/** What everybody in the lab says: one tone each, so that whoever is heard is known by sound. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alawFile, mix, repeat, sine } from './sound.ts';

/** Below every agent's, above the ringing tone (450 Hz). */
export const CALLER_HERTZ = 500;

/** A tone of 10 s; every frequency here is a whole number of periods of 1/20 s. */
const PIECE_MS = 50;
const PIECES = 200;

const LOWEST_HERTZ = 600;
const STEP_HERTZ = 40;
const VOICES = 70;

/** Tone of the `index`-th phone; after 70 phones they repeat. */
export const agentHertz = (index: number): number => LOWEST_HERTZ + STEP_HERTZ * (index % VOICES);

const toneFile = (hertz: number): Uint8Array => alawFile(repeat(sine(hertz, PIECE_MS), PIECES));

/** Quiet, three tones at once, none of them anybody's voice. */
const musicFile = (): Uint8Array =>
  alawFile(repeat(mix(...MUSIC_HERTZ.map((hertz) => sine(hertz, PIECE_MS, 0.02))), PIECES));

/** Writes the tones wanted, once for all labs of the place. */
export const writeVoices = async (folder: string, hertz: Iterable<number>): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await Promise.all([...new Set(hertz)].map((each) => writeFile(join(folder, `${each}.alaw`), toneFile(each))));
};

/** A tone as music on hold: unlike a playback it leaves a phone free to press keys, to hold and to ask meanwhile. */
export const voiceClass = (hertz: number): string => `voice-${hertz}`;

/** `musiconhold.conf` with a class for each tone. @param folder as the exchange sees it. */
export const voiceClasses = (folder: string, hertz: readonly number[]): string =>
  [...new Set(hertz)].map((each) => `[${voiceClass(each)}]\nmode = playlist\nentry = ${folder}/${each}\n`).join('\n');

/** What is played to callers who wait: see {@link musicFile}. */
export const MUSIC_HERTZ = [260, 320, 400] as const;
/** China's ringing tone. */
export const RINGING_HERTZ = 450;

export const writeMusic = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'quiet.alaw'), musicFile());
};

/** How often the file is said: five minutes. */
const SAID_TIMES = 30;

/** ARI `media` of a tone. @param folder as the exchange sees it. */
export const voiceMedia = (folder: string, hertz: number): string =>
  Array.from({ length: SAID_TIMES }, () => `sound:${folder}/${hertz}`).join(',');
