/** The page and what it loads. The files are read once, at the start, so no request can reach another file of the disk. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const FOLDER = join(import.meta.dirname, 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Paths that all serve the page; its scripts decide what to show. */
const PLACES = ['/', '/table', '/missed', '/calls/:id'] as const;

interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const read = async (path: string): Promise<PageFile> => {
  const bytes = await readFile(path);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', bytes, etag };
};

/** Files by the name they are served under. The chart library comes from node_modules. */
async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const charts = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const own = (await readdir(FOLDER)).filter((name) => extname(name) in TYPES);
  const paths: readonly (readonly [string, string])[] = [
    ...own.map((name) => [name, join(FOLDER, name)] as const),
    ['uplot.js', join(charts, 'dist', 'uPlot.esm.js')],
    ['uplot.css', join(charts, 'dist', 'uPlot.min.css')],
  ];
  return new Map(await Promise.all(paths.map(async ([name, path]) => [name, await read(path)] as const)));
}

/** Needs no token: the page holds no data, it gets that from `/api`. */
export async function addPage(server: FastifyInstance): Promise<void> {
  const files = await pageFiles();
  const serve = (path: string, name: string) =>
    server.get(path, { schema: { hide: true } as object }, async (request, reply) => {
      const { type, bytes, etag } = files.get(name) as PageFile;
      void reply.header('cache-control', 'no-cache').header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(type).send(bytes);
    });
  for (const place of PLACES) serve(place, 'index.html');
  for (const name of files.keys()) if (name !== 'index.html') serve(`/page/${name}`, name);
}
