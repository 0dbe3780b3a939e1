/** Where the audio of a table file's prompts is, for commands that may be given any table. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PromptFolders } from './library.ts';

/** What a command's options say instead of the settings. */
export type GivenFolders = { readonly [K in keyof PromptFolders]?: PromptFolders[K] | undefined };

/**
 * The folders of the settings, except that a table which is not the service's own brings its own recordings if there is
 * a folder `prompts` beside it.
 */
export async function foldersOf(
  tableFile: string,
  service: { readonly table: string; readonly prompts: PromptFolders },
  given: GivenFolders = {},
): Promise<PromptFolders> {
  const { dir, supplied } = service.prompts;
  const beside = join(dirname(tableFile), 'prompts');
  const bringsOwn = resolve(tableFile) !== resolve(service.table) && (await isFolder(beside));
  return { dir: given.dir ?? dir, supplied: given.supplied ?? (bringsOwn ? beside : supplied) };
}

async function isFolder(path: string): Promise<boolean> {
  // Whatever keeps us from looking at it, it is no folder that recordings could be read from.
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
