/**
 * The table's file as it is now, compared with the live table. An open page asks every few seconds, so the file is validated
 * again only when it has changed, another table went live, or a minute has passed (some expectations go by the clock).
 */

import { diffTables } from '../../routing/compare/diff.ts';
import { formatDiff } from '../../routing/compare/format-diff.ts';
import type { Problem } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import { prefixListOf, readSources, validate } from '../source/sources.ts';
import { signatureOf } from '../source/watch-file.ts';
import { lostMembers, withLostMembers } from './lost-members.ts';

export interface Candidate {
  /** Null: the file is not valid. */
  readonly revision: string | null;
  readonly problems: readonly Problem[];
  /** What moves, a line each; empty if the file is what is live. */
  readonly moves: readonly string[];
  readonly numbersMoved: number;
  readonly numbersTotal: number;
  /** Where the prefix list lies that it names. */
  readonly prefixList: string | undefined;
}

const MOVES_TOLD_AT_MOST = 200;
const KEPT_MS = 60_000;

/** @param at the clock by which it is checked, Unix milliseconds. @throws FileUnreadable */
export async function compareFile(live: Table, file: string, at: number): Promise<Candidate> {
  const { sources, draft } = await readSources(file);
  const { table, problems } = validate(sources, new Date(at), draft);
  const told = { problems, prefixList: prefixListOf(file, draft) };
  const nothing = { moves: [], numbersMoved: 0, numbersTotal: live.numbers.size };
  if (table === undefined) return { ...told, revision: null, ...nothing };
  if (table.revision === live.revision) return { ...told, revision: table.revision, ...nothing };
  const diff = diffTables(live, table, new Date(at));
  const left = lostMembers(live, table);
  const moved = new Set([...diff.numbersMoved, ...left.numbers]);
  const numbersUnchanged = diff.numbersUnchanged.filter((number) => !moved.has(number));
  const lines = formatDiff({ ...diff, numbersUnchanged });
  return {
    ...told,
    revision: table.revision,
    moves: withLostMembers(lines, left).slice(0, MOVES_TOLD_AT_MOST),
    numbersMoved: moved.size,
    numbersTotal: diff.numbersMoved.length + diff.numbersUnchanged.length,
  };
}

interface Kept {
  readonly key: string;
  readonly at: number;
  readonly candidate: Candidate;
}

export class CandidateCheck {
  readonly #file: string;
  readonly #compare: () => Promise<Candidate>;
  readonly #now: () => number;
  #kept: Kept | undefined;
  #asking: Promise<Candidate> | undefined;

  /** @param compare validates the file. @param now Unix milliseconds. */
  constructor(file: string, compare: () => Promise<Candidate>, now: () => number) {
    this.#file = file;
    this.#compare = compare;
    this.#now = now;
  }

  /** Questions asked at the same time share one validation. @throws FileUnreadable */
  ask(liveRevision: string): Promise<Candidate> {
    this.#asking ??= this.#find(liveRevision).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #find(liveRevision: string): Promise<Candidate> {
    const kept = this.#kept;
    const isYoung = kept !== undefined && this.#now() - kept.at < KEPT_MS;
    if (isYoung && kept.key === (await this.#key(liveRevision, kept.candidate))) return kept.candidate;
    const before = await signatureOf(this.#file); // a file that changes while it is validated is validated again
    const candidate = await this.#compare();
    const key = await this.#key(liveRevision, candidate);
    this.#kept = key.startsWith(before) ? { key, at: this.#now(), candidate } : undefined;
    return candidate;
  }

  async #key(liveRevision: string, { prefixList }: Candidate): Promise<string> {
    const files = [this.#file, ...(prefixList === undefined ? [] : [prefixList])];
    return [...(await Promise.all(files.map(signatureOf))), liveRevision].join('\n');
  }
}
