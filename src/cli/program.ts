/** The program `hotline`: all commands, and what a failure of one of them prints and returns. */
import { Command, CommanderError } from 'commander';
import { HotlineError } from '../base/errors.ts';
import { addCall } from './call.ts';
import { addCalls, addTransfer } from './calls.ts';
import { addCheck } from './check.ts';
import type { AddCommand, ExitCode, Runner, Terminal } from './command.ts';
import { addDialplan } from './dialplan.ts';
import { addDiff } from './diff.ts';
import { addExplain } from './explain.ts';
import { addFeed } from './feed/feed.ts';
import { addMissed } from './feed/missed.ts';
import { addHistory } from './history.ts';
import { addPrompts } from './prompts.ts';
import { addReload, addRollback } from './reload.ts';
import { addReplay } from './replay.ts';
import { addStatus } from './status.ts';

/** In the order in which the help lists them. */
const commands: readonly AddCommand[] = [
  addCall,
  addCalls,
  addCheck,
  addDialplan,
  addDiff,
  addExplain,
  addFeed,
  addHistory,
  addMissed,
  addPrompts,
  addReload,
  addReplay,
  addRollback,
  addStatus,
  addTransfer,
];

/** The two output streams; what is written brings its own line ends. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
}

const failed = (error: unknown, terminal: Terminal): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof HotlineError) {
    terminal.err(`error ${error.code}: ${error.message}`);
    return error.exitCode;
  }
  terminal.err(`error INTERNAL: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
};

/** Runs one command in this process. @param words as typed after `hotline`. */
export async function runCommand(words: readonly string[], { out, err }: Streams): Promise<ExitCode> {
  const terminal: Terminal = { out: (text) => out(`${text}\n`), err: (text) => err(`${text}\n`) };
  let code: ExitCode = 0;
  const run: Runner =
    (action) =>
    async (...args) => {
      code = await action(...args);
    };
  const program = new Command('hotline')
    .description('Call controller for merging public hotlines into 12345')
    .showHelpAfterError('(add --help for usage)')
    .addHelpText(
      'after',
      '\n  start                     bring up the service (or the lab, with no PBX in the settings)\n  test                      every check a change has to pass',
    )
    .configureOutput({ writeOut: out, writeErr: err })
    .exitOverride();
  for (const add of commands) add(program, terminal, run);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, terminal);
  }
}
