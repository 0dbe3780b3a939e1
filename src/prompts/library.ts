/**
 * Where the audio of a prompt is, and what is known of it.
 * `dir` is what the PBX plays and is made by the build; `supplied` is the operator's own and is only read.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { FileUnreadable } from '../base/errors.ts';
import { orUnwritable, writeWhole } from '../base/files.ts';
import type { Prompt } from '../routing/table.ts';

export interface PromptFolders {
  /** What the PBX plays: two files for each prompt, and `manifest.json`. */
  readonly dir: string;
  /** What the operator supplies; a prompt's `file:` is relative to it. */
  readonly supplied: string;
}

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

/** The files of one prompt, by sampling rate. A PBX is told the path without extension and picks by itself. */
export interface PromptFiles {
  /** 8 kHz, `<id>.wav`. */
  readonly narrow: string;
  /** 16 kHz, `<id>.wav16`: a WAV all the same; the extension is the one Asterisk's `format_wav` registers for 16 kHz. */
  readonly wide: string;
}

export function promptFiles(folders: PromptFolders, promptId: string): PromptFiles {
  const base = join(folders.dir, promptId);
  return { narrow: `${base}.wav`, wide: `${base}.wav16` };
}

/** Path of the operator's audio for a prompt; undefined when the table names none. */
export function suppliedFile(folders: PromptFolders, prompt: Prompt): string | undefined {
  return prompt.file === undefined ? undefined : join(folders.supplied, prompt.file);
}

/** Raised when the way audio is made changes, so that everything made before is stale. */
const RECIPE = 1;

/** Tells whether built audio still is what would be built now. */
export type Fingerprint = string;

/** Of a spoken prompt: changes with its text and with the voice's command. Which version spoke is told by `voice` beside it. */
export function spokenFingerprint(text: string, synthesiser: readonly string[]): Fingerprint {
  return fingerprint(['spoken', text, ...synthesiser]);
}

/** Of a supplied prompt: changes with the file's content, not with its name. */
export function suppliedFingerprint(content: Buffer): Fingerprint {
  return fingerprint(['supplied', createHash('sha256').update(content).digest('hex')]);
}

const entrySchema = z.object({
  fingerprint: z.string(),
  source: z.enum(['spoken', 'supplied']),
  /** Hash of the program that spoke. */
  voice: z.string().optional(),
  seconds: z.number(),
  rmsDbfs: z.number(),
});
const manifestSchema = z.object({ version: z.literal(1), prompts: z.record(z.string(), entrySchema) });

/** What was built for one prompt; lengths and levels are those of the 8 kHz file. */
export type ManifestEntry = Readonly<z.infer<typeof entrySchema>>;
export type Manifest = ReadonlyMap<string, ManifestEntry>;

/** Reads what the last build left. A manifest that is absent or spoiled says nothing, so all is built again. */
export async function readManifest(folders: PromptFolders): Promise<Manifest> {
  const text = await readIfThere(manifestFile(folders));
  const parsed = manifestSchema.safeParse(text === undefined ? undefined : parseJson(text.toString('utf8')));
  return new Map(parsed.success ? Object.entries(parsed.data.prompts) : []);
}

export async function writeManifest(folders: PromptFolders, manifest: Manifest): Promise<void> {
  const prompts = Object.fromEntries([...manifest].sort(([one], [other]) => (one < other ? -1 : 1)));
  const file = manifestFile(folders);
  await orUnwritable(file, writeWhole(file, `${JSON.stringify({ version: 1, prompts }, null, 2)}\n`));
}

/**
 * The file's bytes; undefined when there is no such file.
 * @throws FileUnreadable when it is there and cannot be read.
 */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new FileUnreadable(file, message);
  }
}

function manifestFile(folders: PromptFolders): string {
  return join(folders.dir, 'manifest.json');
}

function fingerprint(parts: readonly string[]): Fingerprint {
  return createHash('sha256')
    .update(JSON.stringify([RECIPE, ...parts]))
    .digest('hex');
}

/** Undefined for what is no JSON: to a schema the same as a wrong shape. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
