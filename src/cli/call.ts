/** `hotline call`: places a real call in the running lab and tells what the caller heard and whom they reached. */
import { InvalidArgumentError } from 'commander';
import { type CallRequest, findRunningLab } from '../lab/control.ts';
import { tellStory } from '../lab/report.ts';
import { loadTable } from '../tables/source/sources.ts';
import { type AddCommand, type ExitCode, type JsonFlag, print, type Terminal } from './command.ts';
import { namedFile, TABLE_FLAG, type TableFlag } from './table.ts';

interface CallFlags extends TableFlag, JsonFlag {
  readonly from?: string;
  readonly withheld?: true;
  readonly trunk?: string;
  readonly hangupAfter?: number;
  readonly hangupOn?: NonNullable<CallRequest['hangup']>['after'];
}

const MOMENTS = ['dial', 'ringing', 'prompt', 'queue', 'talk', 'heard'] as const;
/** A caller who is never answered gives up. */
const LIMIT_MS = 150_000;

const telephoneNumber = (text: string): string => {
  if (/^[^\s@]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Write 1 to 64 characters, without spaces and @.');
};

const milliseconds = (text: string): number => {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number of milliseconds.');
};

const moment = (text: string): (typeof MOMENTS)[number] => {
  const known = MOMENTS.find((each) => each === text);
  if (known) return known;
  throw new InvalidArgumentError(`Write one of ${MOMENTS.join(', ')}.`);
};

const hangupOf = ({ hangupAfter, hangupOn }: CallFlags): Pick<CallRequest, 'hangup'> => {
  if (hangupAfter === undefined && hangupOn === undefined) return {};
  return { hangup: { after: hangupOn ?? 'dial', ms: hangupAfter ?? 0 } };
};

const place = async (dialled: string, flags: CallFlags, terminal: Terminal): Promise<ExitCode> => {
  const lab = await findRunningLab();
  if (flags.table !== undefined && (await loadTable(flags.table)).table?.revision !== lab.revision) {
    terminal.err(`the running lab serves another table than ${flags.table} (its revision is ${lab.revision})`);
    return 1;
  }
  if (flags.trunk !== undefined && !lab.trunks.includes(flags.trunk)) {
    terminal.err(`error: no trunk "${flags.trunk}" in the lab; it has ${lab.trunks.join(', ')}`);
    return 2;
  }
  const report = await lab.call({
    dialled,
    ...(flags.withheld ? { from: null } : flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.trunk === undefined ? {} : { trunk: flags.trunk }),
    ...hangupOf(flags),
    limitMs: LIMIT_MS,
  });
  print(terminal, flags, report, () => tellStory(report));
  return report.number === null ? 1 : 0;
};

export const addCall: AddCommand = (program, terminal, run) => {
  program
    .command('call')
    .description('place a real call in the lab (npm start) and tell what the caller heard')
    .argument('<number>', 'number as the carrier delivers it', telephoneNumber)
    .option(
      '--from <number>',
      'caller as the carrier delivers it (default: a mobile of no known city)',
      telephoneNumber,
    )
    .option('--withheld', 'the caller withholds the number')
    .option('--trunk <id>', 'trunk the call comes over (default: one that names no region)')
    .option(
      '--hangup-after <ms>',
      'hang up so long after --hangup-on (default: 2000 after the agent is heard)',
      milliseconds,
    )
    .option('--hangup-on <moment>', `what it counts from: ${MOMENTS.join(', ')} (default: dial)`, moment)
    .option(TABLE_FLAG, 'insist that the lab serves this table', namedFile)
    .option('--json', 'print JSON')
    .action(run((dialled: string, flags: CallFlags) => place(dialled, flags, terminal)));
};
