/** The command line as a process: its arguments, its streams and its exit code. */
import { endWithReader } from './command.ts';
import { runCommand } from './program.ts';

endWithReader();
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
