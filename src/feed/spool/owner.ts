/** Makes sure that one controller owns a spool: it holds an abstract socket, which goes with the process, however that ends. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { FileUnwritable } from '../../base/errors.ts';
import { makeFolder, orUnwritable } from '../../base/files.ts';

export interface Owned {
  release(): Promise<void>;
}

/** Linux only; elsewhere nothing is checked. @throws FileUnwritable when another process of this machine has it. */
export async function ownSpool(dir: string): Promise<Owned> {
  await orUnwritable(dir, makeFolder(dir));
  if (process.platform !== 'linux') return { release: async () => undefined };
  const name = createHash('sha256')
    .update(await realpath(dir))
    .digest('hex');
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    await once(server.listen(`\0hotline-spool-${name}`), 'listening');
  } catch {
    throw new FileUnwritable(dir, 'another controller keeps its records there; give each a feed.spool.dir of its own');
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
