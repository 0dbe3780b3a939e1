/** Records what one side hears, from before the answer, by listening in on its channel. */
import { join } from 'node:path';
import type { Ari, ChannelEvents } from '../pbx/ari.ts';
import { LAB_APP } from './exchange-files.ts';

const PATIENCE_MS = 3000;

export interface Recording {
  /** Host path of the WAV file. */
  readonly file: string;
  /** Wall clock of its first sample, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Call when the channel is gone; resolves when the file is whole. */
  finish(): Promise<void>;
}

const fileOf = (spool: string, name: string): string => join(spool, 'recording', `${name}.wav`);

/** Host path of the recording of what `channel` hears. */
export const recordingFile = (spool: string, channel: string): string => fileOf(spool, `${channel}-heard`);

/**
 * Null when the channel is gone already.
 * @param spool host path of the exchange's spool folder. @param take keeps several recordings of one channel apart.
 */
export const recordWhatIsHeard = async (
  ari: Ari,
  events: ChannelEvents,
  spool: string,
  channel: string,
  take = '',
): Promise<Recording | null> => {
  const name = `${channel}-heard${take}`;
  for (const ear of [`${channel}-ear${take}`, `${channel}-ear${take}-again`]) {
    const recording = await record(ari, events, { channel, ear, name });
    if (recording !== null) return { file: fileOf(spool, name), ...recording };
    if ((await ari.send('GET', `channels/${channel}`)).status === 404) break;
  }
  return null;
};

interface Names {
  readonly channel: string;
  /** Channel that listens in. */
  readonly ear: string;
  /** Of the recording. */
  readonly name: string;
}

const record = async (
  ari: Ari,
  events: ChannelEvents,
  { channel, ear, name }: Names,
): Promise<Omit<Recording, 'file'> | null> => {
  const over = new Promise<void>((resolve) => {
    events.on(name, (event) => {
      if (event.type !== 'RecordingFinished' && event.type !== 'RecordingFailed') return;
      events.off(name);
      resolve();
    });
  });
  try {
    const listening = events.next(ear, ['StasisStart'], PATIENCE_MS);
    await Promise.all([
      listening,
      ari.send('POST', `channels/${channel}/snoop/${ear}`, { spy: 'in', app: LAB_APP, appArgs: 'ear' }),
    ]);
    const recording = events.next(name, ['RecordingStarted'], PATIENCE_MS);
    const [started] = await Promise.all([
      recording,
      ari.send('POST', `channels/${ear}/record`, { name, format: 'wav', ifExists: 'overwrite' }),
    ]);
    return {
      startedAt: Date.parse(started.timestamp ?? '') || Date.now(),
      finish: async () => {
        await ari.send('DELETE', `channels/${ear}`);
        await over;
      },
    };
  } catch {
    events.off(name);
    await ari.send('DELETE', `channels/${ear}`);
    return null;
  }
};
