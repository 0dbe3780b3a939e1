/** Runs one tool once, and says in one line what went wrong. */
import { execFile } from 'node:child_process';
import { PromptBuildFailed } from '../base/errors.ts';
import type { Tool } from './tools.ts';

/** A voice that has not spoken one prompt by then never will. */
const PATIENCE_MS = 60_000;

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
