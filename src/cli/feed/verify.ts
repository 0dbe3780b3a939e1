/** `hotline feed verify`: calls that the PBX knows and the feed does not, or the other way round. */

import { SettingsError } from '../../base/errors.ts';
import { type FoundCall, Verification, type Verified } from '../../feed/verify.ts';
import { fileLines, readArchive } from '../../records/archive.ts';
import { readCdr } from '../../records/cdr.ts';
import { masked } from '../../routing/numbering.ts';
import { type ExitCode, type JsonFlag, print, type Terminal } from '../command.ts';
import { feedPlace } from './place.ts';

export interface VerifyFlags extends JsonFlag {
  readonly since: Date;
  readonly cdr?: readonly string[];
  readonly records?: readonly string[];
  readonly switch?: string;
  readonly context: string;
}

/** Records of a call may be older than `--since` by this much when its call detail record is not. */
const EARLIER_MS = 3_600_000;

const call = ({ id, at, dialled, caller }: FoundCall): string =>
  `${id} at ${at.toISOString()}, to ${dialled} from ${masked(caller)}`;

/** Without the number: once a call is in the fallback dialplan, Asterisk's detail records do not have it. */
const fallbackLine = ({ id, at, caller }: FoundCall): string =>
  `served by the fallback, without a controller: ${id} at ${at.toISOString()}, from ${masked(caller)}`;

const fallbackCount = (calls: readonly FoundCall[]): readonly string[] =>
  calls.length === 0
    ? []
    : [`${calls.length} served by the fallback, without a controller: not in the feed, and not missing there`];

const linesOf = ({ whole, up, notInFeed, byFallback, notAtPbx, notWhole }: Verified): readonly string[] => [
  ...byFallback.map(fallbackLine),
  ...notInFeed.map((each) => `not in the feed: ${call(each)}`),
  ...notAtPbx.map((each) => `not at the PBX: ${call(each)}`),
  ...notWhole.map((each) => `records missing: ${call(each)}: ${each.missing.join(', ')}`),
  ...fallbackCount(byFallback),
  `${whole} calls on both sides and whole, ${up} still up; ${notInFeed.length} missing in the feed, ` +
    `${notAtPbx.length} at the PBX, ${notWhole.length} not whole`,
];

async function readCdrs(file: string, into: Verification): Promise<number> {
  let unknown = 0;
  for await (const lines of fileLines(file)) {
    for (const line of lines.filter((each) => each.trim() !== '')) {
      const cdr = readCdr(line.trimEnd());
      if (cdr === 'unknown') unknown += 1;
      else if (cdr !== undefined) into.cdr(cdr);
    }
  }
  return unknown;
}

const withMask = (verified: Verified): object => {
  const mask = (calls: readonly FoundCall[]) => calls.map((each) => ({ ...each, caller: masked(each.caller) }));
  const { notInFeed, byFallback, notAtPbx, notWhole } = verified;
  return {
    ...verified,
    notInFeed: mask(notInFeed),
    byFallback: mask(byFallback),
    notAtPbx: mask(notAtPbx),
    notWhole: mask(notWhole),
  };
};

/** 1: something is missing on either side, or a file holds no call detail records that can be read. */
export async function runVerify(flags: VerifyFlags, terminal: Terminal): Promise<ExitCode> {
  const { records: usual, feed } = feedPlace();
  const { since, cdr = feed.cdr, records = [usual], context, switch: switchName } = flags;
  if (cdr.length === 0)
    throw new SettingsError('no call detail records named: --cdr FILE, or feed.cdr in the settings');
  const verification = new Verification({ since, switchName, context });
  const earlier = new Date(since.getTime() - EARLIER_MS);
  for (const file of records)
    for await (const lines of readArchive(file, { since: earlier, isNamed: true }))
      for (const { record, head } of lines) if (head !== undefined) verification.record(record ?? head);
  let unknown = 0;
  for (const file of cdr) unknown += await readCdrs(file, verification);
  if (unknown > 0) terminal.err(`${unknown} lines are not call detail records of a kind that is known`);
  const verified = verification.result();
  print(terminal, flags, withMask(verified), () => linesOf(verified).join('\n'));
  const { notInFeed, notAtPbx, notWhole } = verified;
  return unknown + notInFeed.length + notAtPbx.length + notWhole.length > 0 ? 1 : 0;
}
