/** The project's own files, found from wherever the user stands. */
import { join, relative, resolve } from 'node:path';

export const projectRoot = join(import.meta.dirname, '../..');

/**
 * A path that starts at the project's root, written as a person would from where they stand: short if it is below that,
 * else in full. An absolute path means itself.
 */
export const fromProject = (path: string): string => {
  const full = resolve(projectRoot, path);
  const short = relative(process.cwd(), full);
  return short === '' || short.startsWith('..') ? full : short;
};

/** The table that is meant when nobody names one. */
export const defaultTable = (): string => fromProject('config/routes.yaml');
