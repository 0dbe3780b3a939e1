/** The command line's one way in, and the only place that exits. */
import { Command, CommanderError } from 'commander';
import { HotlineError } from '../base/errors.ts';
import { addCall } from './call.ts';
import { addCalls } from './calls.ts';
import { addCheck } from './check.ts';
import type { AddCommand, ExitCode, Runner, Terminal } from './command.ts';
import { addDialplan } from './dialplan.ts';
import { addDiff } from './diff.ts';
import { addExplain } from './explain.ts';
import { addFeed } from './feed/feed.ts';
import { addMissed } from './feed/missed.ts';
import { addHistory } from './history.ts';
import { endWithReader } from './output.ts';
import { addPrompts } from './prompts.ts';
import { addReload } from './reload.ts';
import { addReplay } from './replay.ts';
import { addRollback } from './rollback.ts';
import { addStatus } from './status.ts';
import { addTransfer } from './transfer.ts';

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

const terminal: Terminal = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
};

endWithReader();
let exitCode: ExitCode = 0;

const run: Runner =
  (action) =>
  async (...args) => {
    exitCode = await action(...args);
  };

const explainFailure = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof HotlineError) {
    terminal.err(`error ${error.code}: ${error.message}`);
    return error.exitCode;
  }
  terminal.err(`error INTERNAL: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
};

const program = new Command('hotline')
  .description('Call controller for merging public hotlines into 12345')
  .showHelpAfterError('(add --help for usage)')
  .addHelpText(
    'after',
    '\n  start                     bring up the service (or the lab, with no PBX in the settings)\n  test                      every check a change has to pass',
  )
  .exitOverride();
for (const add of commands) add(program, terminal, run);

try {
  await program.parseAsync();
} catch (error) {
  exitCode = explainFailure(error);
}
process.exitCode = exitCode;
