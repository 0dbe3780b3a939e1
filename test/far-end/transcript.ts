/**
 * What was said between controller and FreeSWITCH in one case of the contract suite, and what the test did and saw
 * meanwhile; one line of JSON for each. `test/fixtures/freeswitch/README.md` tells how it is recorded.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `events-1` is the event socket that is open when the case begins; `hand-over-1` the first caller's. */
interface OnConnection {
  readonly on: string;
}

interface Done {
  readonly does: string;
  readonly with?: unknown;
}

type Said =
  | ({ readonly from: 'test' } & Done)
  | { readonly from: 'test'; readonly sees: string; readonly value: unknown }
  | ({ readonly from: 'controller' | 'freeswitch'; readonly does: 'connects' | 'closes' } & OnConnection)
  | ({ readonly from: 'controller'; readonly text: string } & OnConnection)
  | ({
      readonly from: 'freeswitch';
      readonly text: string;
      readonly body?: string;
      /** A body that is JSON. */
      readonly json?: unknown;
    } & OnConnection);

/** `ms`: since the case began. */
export type Entry = Said & { readonly ms: number };

/** An entry that is yet to be told when. */
export type Saying = Said;

/** Stands for the address that the controller listens at, which differs from run to run. */
export const CONTROLLER = '{controller}';

/** What is said before the first case. */
export const OPENING = 'before the first case';

const fileNameOf = (name: string): string => `${name.toLowerCase().replace(/[^a-z]+/g, '-')}.ndjson`;

export async function writeTranscript(folder: string, name: string, entries: readonly Entry[]): Promise<void> {
  const lines = [{ case: name }, ...entries].map((each) => `${JSON.stringify(each)}\n`);
  await writeFile(join(folder, fileNameOf(name)), lines.join(''));
}

/** Case → its entries. */
export async function readTranscripts(folder: string): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  const transcripts = new Map<string, readonly Entry[]>();
  for (const file of files) {
    const lines = (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n');
    const [first, ...entries] = lines.map((line) => JSON.parse(line));
    transcripts.set(first.case, entries);
  }
  return transcripts;
}
