/** What every command shares. A command does its work and returns an exit code; only `bin.ts` ends the process. */
import type { Command } from 'commander';
import { whyNotWritten } from '../base/files.ts';
import { isMoment } from '../routing/time/moments.ts';

/** 0 fine · 1 the table or the answer is not good · 2 wrong usage · 3 a service could not be reached. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Prints a line, or several. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Adds one command to the program. `run` wraps its action: it hands the action's exit code on, and turns what the action
 * throws into one line on the error stream.
 */
export type AddCommand = (program: Command, terminal: Terminal, run: Runner) => void;
export type Runner = <A extends unknown[]>(action: (...args: A) => Promise<ExitCode>) => (...args: A) => Promise<void>;

export interface JsonFlag {
  readonly json?: boolean | undefined;
}

/** Prints an answer: as JSON when the flag asks for it, in words otherwise. */
export const print = (terminal: Terminal, { json }: JsonFlag, answer: unknown, words: () => string): void =>
  terminal.out(json ? JSON.stringify(answer, null, 2) : words());

/** A time as it is typed, ISO 8601; without an offset it is the machine's own. undefined: not a time. */
export const parseTime = (text: string): Date | undefined => {
  const at = new Date(text);
  return isMoment(text) && !Number.isNaN(at.getTime()) ? at : undefined;
};

/** What whoever typed something else is told. */
export const notATime = (text: string | undefined, option = '--at'): string =>
  `error: ${option} "${text}" is not a time; write ISO 8601, e.g. 2026-10-01T09:00:00+08:00`;

/** The exit code that a shell reports for a program ended by SIGPIPE. */
const READER_GONE = 141;

/** A reader that closes our output (`hotline check | head`), or a full disk behind it, ends the process without a stack trace. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(READER_GONE);
    process.stderr.write(`error FILE_UNWRITABLE: the output cannot be written (${whyNotWritten(error)})\n`);
    process.exit(2);
  });
}
