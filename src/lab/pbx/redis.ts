/** A private Redis: loopback, a free port, nothing kept on disk. */
import { LabUnavailable } from '../../base/errors.ts';
import { type Place, seenFrom, within } from './place.ts';
import { freeTcpPort, LOOPBACK, startDaemon } from './process.ts';

export interface Redis {
  readonly url: string;
  readonly pid: number;
}

/** @param folder host path of the lab's folder.
 * @param started stops it, with the rest of the lab.
 * @param port of one that was there before; otherwise a free one. */
export const startRedis = async (
  place: Place,
  folder: string,
  started: AsyncDisposableStack,
  port?: number,
): Promise<Redis> => {
  const listens = port ?? (await freeTcpPort());
  const options = {
    port: listens,
    bind: LOOPBACK,
    dir: seenFrom(place, folder),
    save: '',
    appendonly: 'no',
    // Its command line keeps naming the lab's folder, so that a later lab can tell whose it was.
    'set-proc-title': 'no',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const daemon = await startDaemon(within(place, ['redis-server', ...flags]));
  started.defer(() => daemon.stop());
  const ready = new Promise<void>((resolve) =>
    daemon.onLine((line) => /ready to accept connections/i.test(line) && resolve()),
  );
  const died = daemon.ended.then(() =>
    Promise.reject(new LabUnavailable(`the lab's Redis did not start: ${daemon.tail()}`)),
  );
  await Promise.race([ready, died]);
  return { url: `redis://${LOOPBACK}:${listens}`, pid: daemon.pid };
};
