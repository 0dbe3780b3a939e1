/**
 * What every command file shares. A command does its work and returns an exit code; only `bin.ts` exits.
 */
import type { Command } from 'commander';

/** 0 fine · 1 the table or the answer is not good · 2 wrong usage · 3 a service could not be reached. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Adds one command to the program. `run` wraps its action: it hands the action's exit code to `bin.ts`, and turns what
 * the action throws into one line on the error stream.
 */
export type AddCommand = (program: Command, terminal: Terminal, run: Runner) => void;
export type Runner = <A extends unknown[]>(action: (...args: A) => Promise<ExitCode>) => (...args: A) => Promise<void>;
