/** `hotline rollback`: the revision before, or a named one, at once. */
import type { AddCommand } from './command.ts';
import { change } from './reload.ts';

interface RollbackFlags {
  readonly ifMatch?: string;
  readonly json?: true;
}

export const addRollback: AddCommand = (program, terminal, run) => {
  program
    .command('rollback')
    .description('end a canary; else go back to the revision before (once more: forth again), or to a named one')
    .argument('[revision]', 'a revision of hotline history, or the beginning of one')
    .option('--if-match <revision>', 'only if this revision is live still')
    .option('--json', 'print JSON')
    .action(
      run((revision: string | undefined, flags: RollbackFlags) =>
        change('/table/rollback', { ...(revision !== undefined && { revision }) }, flags, terminal),
      ),
    );
};
