/**
 * The programs that make audio: a synthesiser that speaks and a converter that resamples. Each is a command template,
 * an argument list that never passes through a shell, so another voice drops in by naming its command.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
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

/** A voice that has not spoken one prompt by then never will. */
const PATIENCE_MS = 60_000;

/** A command template and the place it runs in. */
export interface Tool {
  readonly template: readonly string[];
  /** Where the command's program lies on this host. */
  readonly program: string;
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

/**
 * Both tools inside one root file system and nowhere else: the lab's, whose prompts must not depend on what this machine has.
 * @param root host path; `/` is this machine. @param workDir lies under it.
 * @throws PromptBuildFailed when one is not there.
 */
export async function toolsWithin(root: string, workDir: string, commands: VoiceCommands): Promise<Tools> {
  const [synthesiser, converter] = await Promise.all([
    insideRootfs(commands.synthesiser, root),
    insideRootfs(commands.converter, root),
  ]);
  if (synthesiser && converter) return { synthesiser, converter, workDir };
  throw new PromptBuildFailed(
    `the lab under ${root} lacks ${(synthesiser ? commands.converter : commands.synthesiser)[0]}`,
  );
}

/** A hash of the program's file: another version of a voice speaks otherwise, for longer or shorter. */
export async function programHash({ program }: Tool): Promise<string> {
  return createHash('sha256')
    .update(await readFile(program))
    .digest('hex');
}

/** A tool that runs on this machine as it stands. */
export function onThisMachine(template: readonly string[], program = template[0] ?? ''): Tool {
  return { template, program, prefix: [], toTool: (path) => path };
}

/** A tool inside a root file system, which takes root; undefined when it is not there. */
async function insideRootfs(template: readonly string[], root: string): Promise<Tool | undefined> {
  const program = await firstRunnable(insidePath(template[0] ?? '', root));
  if (program === undefined) return undefined;
  const prefix = root === '/' ? [] : ['chroot', root];
  return { template, program, prefix, toTool: (path) => `/${relative(root, path)}` };
}

async function place(template: readonly string[], rootfs: string | undefined): Promise<Tool> {
  const [command] = template;
  if (!command) throw new PromptBuildFailed('the synthesiser or converter command in the settings is empty');
  const here = await firstRunnable(onPath(command));
  if (here !== undefined) return onThisMachine(template, here);
  const inLab = rootfs && (await insideRootfs(template, rootfs));
  if (inLab) return inLab;
  throw new PromptBuildFailed(
    `${command} is not on this machine: install it (Debian: apt install espeak-ng sox), or run npm start once, which provisions it for the lab`,
  );
}

/** The newest complete rootfs of the lab: one that is still being unpacked is named `….part`. */
async function labRootfs(labHome: string): Promise<string | undefined> {
  const names = await readdir(labHome).catch(() => []);
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

/** The first of the files that can be run. */
async function firstRunnable(candidates: readonly string[]): Promise<string | undefined> {
  const tried = await Promise.allSettled(candidates.map((file) => access(file, constants.X_OK)));
  return candidates[tried.findIndex(({ status }) => status === 'fulfilled')];
}

/** What the placeholders of a template stand for; `in` and `out` are paths of ours. */
export interface ToolValues {
  /** Id of the prompt, for messages. */
  readonly prompt: string;
  readonly in?: string;
  readonly out: string;
  readonly text?: string;
  /** Hz */
  readonly rate?: number;
}

/** @throws PromptBuildFailed naming the command and the last thing it said; or the signal's reason. */
export function runTool(tool: Tool, values: ToolValues, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [command = '', ...args] = [...tool.prefix, ...fill(tool, values)];
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { signal, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (!error) return resolve();
      reject(
        signal.aborted
          ? signal.reason
          : new PromptBuildFailed(`${values.prompt}: ${describe(tool, error, stderr || stdout)}`),
      );
    });
    // A tool that takes its text as an argument may be gone before its input is closed; how it ended is told above.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(takesText(tool) ? '' : (values.text ?? ''));
  });
}

/** In one pass, so that a text which happens to hold `{out}` stays a text. */
function fill(tool: Tool, values: ToolValues): string[] {
  const known: Readonly<Record<string, string | undefined>> = {
    in: values.in && tool.toTool(values.in),
    out: tool.toTool(values.out),
    text: values.text,
    rate: values.rate?.toString(),
  };
  return tool.template.map((part) => part.replace(/\{(\w+)\}/g, (as, name: string) => known[name] ?? as));
}

function takesText(tool: Tool): boolean {
  return tool.template.some((part) => part.includes('{text}'));
}

function describe(tool: Tool, error: Error & { code?: unknown; killed?: boolean }, said: string): string {
  const command = tool.template.join(' ');
  if (error.code === 'ENOENT') return `${command}: no such command`;
  if (error.killed) return `${command}: not done after ${PATIENCE_MS / 1000} s`;
  const lastLine = said.trim().split('\n').at(-1)?.trim();
  return `${command}: exit ${String(error.code)}: ${lastLine || 'it said nothing'}`;
}
