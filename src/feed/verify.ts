/** Compares the feed with the PBX: calls that only one of them knows, and calls of which records are missing. Pure. */
import type { Cdr } from '../records/cdr.ts';
import type { RecordHead } from '../records/record.ts';

/** Most that the times of a call may differ between feed and PBX. */
const MARGIN_MS = 3_600_000;

/** Contexts of the fallback in the generated dialplan begin so, on either PBX. */
const FALLBACK = 'hotline-fallback';

/** Channels in these contexts are legs, or calls that agents' phones make, and not callers. */
const LEG_CONTEXTS: readonly string[] = [
  'hotline-queue',
  'hotline-fifo',
  'hotline-leg',
  'hotline-agent',
  'hotline-agents',
  'hotline-phones',
];

/** Conferences, where the PBX has them. The caller's channel is in the room with its own id. */
const ROOM_CONTEXT = 'hotline-room';

const isLeg = ({ context, dialled, id }: Cdr): boolean =>
  LEG_CONTEXTS.includes(context) || (context === ROOM_CONTEXT && dialled !== id);

/** What of a record is compared. `arrived` and `ended` name dialled number and caller. */
export type Compared = Pick<RecordHead, 'callId' | 'seq' | 'at' | 'type' | 'switch'> & {
  readonly dialled?: string;
  readonly caller?: string | null;
};

export interface FoundCall {
  /** The PBX's id of it. */
  readonly id: string;
  readonly at: Date;
  readonly dialled: string;
  readonly caller: string | null;
}

export interface Verified {
  /** Calls that both know, all records there. */
  readonly whole: number;
  /** Calls that have not ended: the PBX writes nothing of them yet. */
  readonly up: number;
  readonly notInFeed: readonly FoundCall[];
  /** Rightly not in the feed: the PBX served them alone. Their `dialled` may be the name of a plan. */
  readonly byFallback: readonly FoundCall[];
  readonly notAtPbx: readonly FoundCall[];
  /** Both know them, but records are missing. `missing` has their numbers, and `end` if the last one is. */
  readonly notWhole: readonly (FoundCall & { readonly missing: readonly (number | 'end')[] })[];
}

export interface VerifyOptions {
  readonly since: Date;
  /** Calls of this PBX only. */
  readonly switchName?: string | undefined;
  /** How the contexts begin that callers arrive in. */
  readonly context: string;
}

interface AtPbx extends FoundCall {
  inFallback: boolean;
}

interface Told extends FoundCall {
  readonly seqs: Set<number>;
  hasEnded: boolean;
}

const missingOf = ({ seqs, hasEnded }: Told): readonly (number | 'end')[] => {
  const last = Math.max(...seqs);
  const gaps = Array.from({ length: last }, (_, seq) => seq).filter((seq) => !seqs.has(seq));
  return hasEnded ? gaps : [...gaps, 'end'];
};

const shown = ({ id, at, dialled, caller }: FoundCall): FoundCall => ({ id, at, dialled, caller });

export class Verification {
  readonly #options: VerifyOptions;
  readonly #told = new Map<string, Told>();
  readonly #atPbx = new Map<string, AtPbx>();

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  record({ callId, seq, type, dialled = '?', caller = null, ...record }: Compared): void {
    const { switchName = record.switch } = this.#options;
    const at = new Date(record.at);
    if (record.switch !== switchName || !this.#isNear(at)) return;
    const id = callId.startsWith(`${record.switch}-`) ? callId.slice(record.switch.length + 1) : callId;
    const told = this.#told.get(id) ?? { id, at, dialled, caller, seqs: new Set(), hasEnded: false };
    told.seqs.add(seq);
    told.hasEnded ||= type === 'ended';
    this.#told.set(id, told);
  }

  cdr(cdr: Cdr): void {
    const { id, at, dialled, caller } = cdr;
    if (!cdr.context.startsWith(this.#options.context) || isLeg(cdr)) return;
    if (!this.#isNear(at)) return;
    const call = this.#atPbx.get(id) ?? { id, at, dialled, caller: caller === '' ? null : caller, inFallback: false };
    call.inFallback ||= cdr.context.startsWith(FALLBACK);
    this.#atPbx.set(id, call);
  }

  result(): Verified {
    const told = [...this.#told.values()].filter(({ at }) => this.#isMeant(at));
    const both = told.filter(({ id }) => this.#atPbx.has(id)).map((each) => ({ each, missing: missingOf(each) }));
    const untold = [...this.#atPbx.values()].filter(({ id, at }) => !this.#told.has(id) && this.#isMeant(at));
    const alone = told.filter(({ id }) => !this.#atPbx.has(id));
    return {
      whole: both.filter(({ missing }) => missing.length === 0).length,
      up: alone.filter(({ hasEnded }) => !hasEnded).length,
      notInFeed: untold.filter(({ inFallback }) => !inFallback).map(shown),
      byFallback: untold.filter(({ inFallback }) => inFallback).map(shown),
      notAtPbx: alone.filter(({ hasEnded }) => hasEnded).map(shown),
      notWhole: both
        .filter(({ missing }) => missing.length > 0)
        .map(({ each, missing }) => ({ ...shown(each), missing })),
    };
  }

  #isMeant(at: Date): boolean {
    return at >= this.#options.since;
  }

  #isNear(at: Date): boolean {
    return at.getTime() >= this.#options.since.getTime() - MARGIN_MS;
  }
}
