/** Configuration files of the lab's PBXs, as an engineer would write them, with `@names@` for what differs between labs. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'templates');

type Values = Readonly<Record<string, string | number>>;

/** A template with its `@names@` filled in. @throws Error for a name without a value. */
export const fillTemplate = async (file: string, values: Values = {}): Promise<string> => {
  const text = await readFile(join(FOLDER, file), 'utf8');
  return text.replace(/@([a-zA-Z]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file}: nothing is given for @${name}@`);
    return String(value);
  });
};

/** Every template of a folder, by file name. */
export const fillTemplates = async (folder: string, values: Values): Promise<Record<string, string>> => {
  const names = await readdir(join(FOLDER, folder));
  const filled = names.map(async (name) => [name, await fillTemplate(join(folder, name), values)] as const);
  return Object.fromEntries(await Promise.all(filled));
};

/** Makes an instance's folders, and its configuration in `etc`, one of them. @param files path under `etc` → text. */
export const writeInstance = async (
  folder: string,
  folders: readonly string[],
  etc: string,
  files: Readonly<Record<string, string>>,
): Promise<void> => {
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, etc, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
};
