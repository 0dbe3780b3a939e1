/** Who is heard on a channel of the exchange at a moment: everybody there speaks a tone of their own. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readWave } from '../../prompts/wave.ts';
import type { Ari, ChannelEvents } from '../pbx/ari.ts';
import { SAMPLES_PER_MS } from '../sound/sound.ts';
import { tonesIn } from '../sound/tones.ts';
import { CALLER_HERTZ, MUSIC_HERTZ, RINGING_HERTZ } from '../sound/voices.ts';
import { recordWhatIsHeard } from './recording.ts';

export interface OverhearNeeds {
  readonly ari: Ari;
  readonly events: ChannelEvents;
  readonly spool: string;
}

/** Speakers by tone. */
export const whoSpeaks = (phones: readonly string[], hertzOf: (phone: string) => number): ReadonlyMap<number, string> =>
  new Map([[CALLER_HERTZ, 'caller'], ...phones.map((each) => [hertzOf(each), each] as const)]);

const speakersIn = (samples: Int16Array, speakers: ReadonlyMap<number, string>): readonly string[] => {
  const heard = tonesIn(samples, [...speakers.keys(), ...MUSIC_HERTZ, RINGING_HERTZ]);
  const names = [...heard].flatMap((hertz) => speakers.get(hertz) ?? []);
  if (MUSIC_HERTZ.every((hertz) => heard.has(hertz))) names.push('music');
  if (heard.has(RINGING_HERTZ)) names.push('ringing');
  return names;
};

/** Every tone is a whole number of periods of this. */
const WINDOW_MS = 100;
const STEP_MS = 50;

/** Who is heard in most of a sound, sorted: where a packet is late there is a click, which sounds like everybody at once. */
export const mostlyHeard = (samples: Int16Array, speakers: ReadonlyMap<number, string>): readonly string[] => {
  const [length, step] = [WINDOW_MS * SAMPLES_PER_MS, STEP_MS * SAMPLES_PER_MS];
  const counts = new Map<string, number>();
  let windows = 0;
  for (let from = 0; from + length <= samples.length; from += step, windows += 1) {
    for (const name of speakersIn(samples.subarray(from, from + length), speakers)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].flatMap(([name, count]) => (count > windows / 2 ? [name] : [])).sort();
};

const LISTEN_MS = 300;
/** The first frames of a recording are the listening channel's own silence. */
const LEAD_MS = 100;

export const overhear = async (
  { ari, events, spool }: OverhearNeeds,
  channel: string,
  speakers: ReadonlyMap<number, string>,
): Promise<readonly string[] | null> => {
  const recording = await recordWhatIsHeard(ari, events, spool, channel, `-${randomUUID()}`);
  if (recording === null) return null;
  await delay(LEAD_MS + LISTEN_MS);
  await recording.finish();
  const { wave } = readWave(await readFile(recording.file));
  return mostlyHeard((wave?.samples ?? new Int16Array()).slice(-LISTEN_MS * SAMPLES_PER_MS), speakers);
};
