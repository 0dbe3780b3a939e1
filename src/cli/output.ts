/** A reader of our output that goes away (`hotline check | head`) or cannot take it is no fault to be traced. */
import { whyNotWritten } from '../base/files.ts';

/** As a shell reports a program that SIGPIPE ended: what was left to say, nobody wanted. */
const READER_GONE = 141;

export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(READER_GONE);
    process.stderr.write(`error FILE_UNWRITABLE: the output cannot be written (${whyNotWritten(error)})\n`);
    process.exit(2);
  });
}
