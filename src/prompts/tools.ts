/**
 * The programs that make audio: a synthesiser that speaks and a converter that resamples. Each is a command template,
 * an argument list that never passes through a shell, so another voice drops in by naming its command.
 */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, relative } from 'node:path';
import { PromptBuildFailed } from '../base/errors.ts';

/** What an operator may set. */
export interface VoiceCommands {
  /** Placeholders `{text}` and `{out}` (a WAV file of any rate); without `{text}` the text comes on standard input. */
  readonly synthesiser: readonly string[];
  /** Placeholders `{in}`, `{out}` and `{rate}` (Hz); must leave mono 16-bit PCM. */
  readonly converter: readonly string[];
}

/** 170 words a minute is eSpeak's 175 made a little calmer. `-G` keeps resampling from clipping, `-D` from adding noise. */
export const DEFAULT_VOICE: VoiceCommands = {
  synthesiser: ['espeak-ng', '-v', 'cmn', '-s', '170', '-w', '{out}', '--', '{text}'],
  converter: ['sox', '-G', '-D', '{in}', '-r', '{rate}', '-c', '1', '-b', '16', '-e', 'signed-integer', '{out}'],
};

/** A command template and the place it runs in. */
export interface Tool {
  readonly template: readonly string[];
  /** Put before the command, e.g. `['chroot', '/srv/rootfs']`; may be empty. */
  readonly prefix: readonly string[];
  /** The path by which the tool knows a file of ours that lies under {@link Tools.workDir}. */
  toTool(path: string): string;
}

export interface Tools {
  readonly synthesiser: Tool;
  readonly converter: Tool;
  /** Folder that both tools can read and write; must exist. */
  readonly workDir: string;
}

/**
 * Finds where the commands can be run: each on this machine if it is on PATH, otherwise inside the lab's rootfs
 * (`.lab/rootfs-…`, which `npm start` provisions).
 * @throws PromptBuildFailed when one is in neither place.
 */
export async function defaultTools(projectRoot: string, commands: VoiceCommands = DEFAULT_VOICE): Promise<Tools> {
  const rootfs = await labRootfs(join(projectRoot, '.lab'));
  const [synthesiser, converter] = await Promise.all([
    place(commands.synthesiser, rootfs),
    place(commands.converter, rootfs),
  ]);
  const inRootfs = [synthesiser, converter].some((tool) => tool.prefix.length > 0);
  return { synthesiser, converter, workDir: rootfs && inRootfs ? join(rootfs, 'tmp') : tmpdir() };
}

/** A tool that runs on this machine as it stands. */
export function onThisMachine(template: readonly string[]): Tool {
  return { template, prefix: [], toTool: (path) => path };
}

/** A tool that runs inside a rootfs, which takes root; its work folder must lie under `rootfs`. */
function insideRootfs(template: readonly string[], rootfs: string): Tool {
  return { template, prefix: ['chroot', rootfs], toTool: (path) => `/${relative(rootfs, path)}` };
}

async function place(template: readonly string[], rootfs: string | undefined): Promise<Tool> {
  const [command] = template;
  if (!command) throw new PromptBuildFailed('the synthesiser or converter command in the settings is empty');
  if (await isRunnable(onPath(command))) return onThisMachine(template);
  if (rootfs && (await isRunnable(insidePath(command, rootfs)))) return insideRootfs(template, rootfs);
  throw new PromptBuildFailed(
    `${command} is not on this machine: install it (Debian: apt install espeak-ng sox), or run npm start once, which provisions it for the lab`,
  );
}

/** The newest complete rootfs of the lab: one that is still being unpacked is named `….part`. */
async function labRootfs(labHome: string): Promise<string | undefined> {
  const names = (await isRunnable([labHome])) ? await readdir(labHome) : [];
  const folders = names.filter((name) => /^rootfs(-[0-9a-f]+)?$/.test(name)).map((name) => join(labHome, name));
  const aged = await Promise.all(folders.map(async (folder) => ({ folder, madeAt: (await stat(folder)).mtimeMs })));
  return aged.toSorted((one, other) => other.madeAt - one.madeAt)[0]?.folder;
}

/** Where a command would be found: as it is if it names a path, otherwise in each folder of PATH. */
function onPath(command: string): readonly string[] {
  if (command.includes('/')) return [command];
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command));
}

function insidePath(command: string, rootfs: string): readonly string[] {
  if (isAbsolute(command)) return [join(rootfs, command)];
  return ['usr/local/bin', 'usr/bin'].map((folder) => join(rootfs, folder, command));
}

/** True when one of the files can be run, or one of the folders entered. */
async function isRunnable(candidates: readonly string[]): Promise<boolean> {
  const found = await Promise.allSettled(candidates.map((file) => access(file, constants.X_OK)));
  return found.some(({ status }) => status === 'fulfilled');
}
