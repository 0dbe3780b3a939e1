/** `hotline feed`: how the feed stands, a period once more, what was given up, and whether the PBX knows the same calls. */
import { InvalidArgumentError } from 'commander';
import { type AddCommand, type JsonFlag, notATime, parseTime } from '../command.ts';
import { type DeadFlags, type ReplayFlags, runDead, runFeedReplay } from './resend.ts';
import { runFeedStatus } from './status.ts';
import { runVerify, type VerifyFlags } from './verify.ts';

const time = (option: string) => (text: string) => {
  const at = parseTime(text);
  if (at === undefined) throw new InvalidArgumentError(notATime(text, option).replace('error: ', ''));
  return at;
};

const SINCE = '--since <time>';

export const addFeed: AddCommand = (program, terminal, run) => {
  const feed = program.command('feed').description('the feed of records to the platform and to units');
  feed
    .command('status')
    .description('whether each sink takes records, how far behind it is, and how full the spool is')
    .option('--json', 'print JSON')
    .action(run((flags: JsonFlag) => runFeedStatus(terminal, flags)));
  feed
    .command('replay')
    .description('send the records of a period once more, out of the records file')
    .requiredOption(SINCE, 'from this time on, ISO 8601', time('--since'))
    .option('--until <time>', 'and before this (default: now)', time('--until'))
    .option('--sink <name>', 'to this sink only (default: to all)')
    .option('--records <files...>', 'out of these files, .gz or plain (default: the one of the settings)')
    .option('--json', 'print JSON')
    .action(run((flags: ReplayFlags) => runFeedReplay(flags, terminal)));
  feed
    .command('dead')
    .description('records that were given up, because a sink did not take them for too long or refused them')
    .option('--sink <name>', 'of this sink only')
    .option('--retry', 'send them again; what fails stays')
    .option('--json', 'print JSON')
    .action(run((flags: DeadFlags) => runDead(flags, terminal)));
  feed
    .command('verify')
    .description("compare the feed with the PBX's own call detail records")
    .requiredOption(SINCE, 'calls that arrived from this time on, ISO 8601', time('--since'))
    .option('--cdr <files...>', 'call detail records of the PBX (default: feed.cdr of the settings)')
    .option(
      '--records <files...>',
      'the feed: the records file, or what a sink was given (default: that of the settings)',
    )
    .option('--switch <name>', 'calls of this PBX only')
    .option('--context <start>', 'contexts that the numbers come in on begin so', 'hotline-')
    .option('--json', 'print JSON')
    .action(run((flags: VerifyFlags) => runVerify(flags, terminal)));
};
