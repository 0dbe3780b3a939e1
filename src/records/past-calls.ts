/**
 * Records of the past → calls, each once. Only `arrived` (what was known) and `routed` (what was decided) matter; every
 * other line is told apart by its looks and not parsed. Memory is bounded, however many records come: see the limits.
 */
import { z } from 'zod';
import type { Answer } from '../routing/compare/plan-change.ts';
import type { PastCall } from '../routing/compare/replay.ts';
import type { Plan } from '../routing/steps.ts';

/** Calls that have arrived and whose `routed` is still to come; the oldest is given up first. */
const WAITING_AT_MOST = 100_000;
/** Calls remembered as counted, twice at most: a repeat further back than this many calls counts again. */
const REMEMBERED = 500_000;
/** Bad lines told with their place; beyond, they are only counted. */
const TOLD_AT_MOST = 20;

const common = { callId: z.string(), seq: z.number(), at: z.iso.datetime({ offset: true }) };

/** Records as far as replay reads them. Other keys pass: a version may gain some, a plan may have steps of its own. */
const neededShape = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal('arrived'),
    dialled: z.string(),
    caller: z.string().nullable(),
    trunk: z.string().nullable(),
  }),
  z.object({
    ...common,
    type: z.literal('routed'),
    number: z.string().nullable(),
    region: z.string().nullable(),
    plan: z.array(z.looseObject({ do: z.string() })),
  }),
]);
type Needed = z.infer<typeof neededShape>;

export interface BadLine {
  readonly file: string;
  /** 1-based */
  readonly line: number;
  readonly reason: string;
}

export interface ReadCounts {
  /** Lines that are records. */
  readonly records: number;
  /** Records of types that say nothing of where a call goes. */
  readonly skipped: number;
  /** Records of a call that had been counted, told again. */
  readonly repeated: number;
  /** Calls of which one of the two records is missing. */
  readonly incomplete: number;
  readonly bad: number;
  /** The first of them. */
  readonly badLines: readonly BadLine[];
}

/** Remembers the last keys told, between one and two generations of them. */
class Recent {
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  add(key: string): void {
    this.#young.add(key);
    if (this.#young.size < REMEMBERED) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }
}

/** A record is one JSON object in one line; what a crash has cut off does not end as one. */
const looksWhole = (line: string): boolean => line.startsWith('{') && line.endsWith('}');
/** Both types end in it as JSON text, and no other type does. */
const mayMatter = (line: string): boolean => line.includes('arrived"') || line.includes('routed"');

const isNeeded = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'type' in value && /^(arrived|routed)$/.test(String(value.type));

const kinds: Readonly<Record<string, string>> = { string: 'text', array: 'a list', object: 'an object' };

/** The first thing that is wrong with a record, by the key it is in. */
const inWords = ({ issues: [issue] }: z.ZodError): string => {
  const key = issue?.path.join('.') ?? '';
  if (issue?.code === 'invalid_type')
    return `\`${key}\` is missing, or is not ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
  return key === 'at' ? '`at` is not a time with its offset' : `\`${key}\` is not as a record has it`;
};

/** `needed`: a record that matters · `bad`: why the line is no record · neither: a record of another type. */
const readLine = (line: string): { readonly needed?: Needed; readonly bad?: string } => {
  if (!looksWhole(line)) return { bad: 'not a whole record' };
  if (!mayMatter(line)) return {};
  try {
    const value: unknown = JSON.parse(line);
    if (!isNeeded(value)) return {};
    const { data, error } = neededShape.safeParse(value);
    return error ? { bad: inWords(error) } : { needed: data };
  } catch {
    return { bad: 'not JSON' };
  }
};

export interface PastCallsOptions {
  /** Whether a call counts without its `routed` record: so it does where a table says what was. */
  readonly withoutRouted: boolean;
  readonly take: (call: PastCall) => void;
}

export class PastCalls {
  readonly #options: PastCallsOptions;
  readonly #waiting = new Map<string, PastCall>();
  readonly #counted = new Recent();
  readonly #badLines: BadLine[] = [];
  #records = 0;
  #skipped = 0;
  #repeated = 0;
  #incomplete = 0;
  #bad = 0;

  constructor(options: PastCallsOptions) {
    this.#options = options;
  }

  get counts(): ReadCounts {
    return {
      records: this.#records,
      skipped: this.#skipped,
      repeated: this.#repeated,
      incomplete: this.#incomplete + this.#waiting.size,
      bad: this.#bad,
      badLines: this.#badLines,
    };
  }

  /** One line of a record file. An empty one is none. */
  read(line: string, file: string, number: number): void {
    const text = line.trim();
    if (text === '') return;
    const { needed, bad } = readLine(text);
    if (bad !== undefined) {
      this.#isBad(bad, file, number);
      return;
    }
    this.#records++;
    if (needed === undefined) this.#skipped++;
    else if (needed.type === 'arrived') this.#arrived(needed);
    else this.#routed(needed);
  }

  #isBad(reason: string, file: string, line: number): void {
    this.#bad++;
    if (this.#badLines.length < TOLD_AT_MOST) this.#badLines.push({ file, line, reason: reason.slice(0, 200) });
  }

  #arrived({ callId, at, dialled, caller, trunk }: Extract<Needed, { type: 'arrived' }>): void {
    if (this.#waiting.has(callId) || this.#counted.has(callId)) {
      this.#repeated++;
      return;
    }
    const call = { callId, facts: { dialled, caller, trunk }, at: new Date(at), was: undefined };
    if (this.#options.withoutRouted) this.#tell(call);
    else this.#wait(call);
  }

  #wait(call: PastCall): void {
    this.#waiting.set(call.callId, call);
    if (this.#waiting.size <= WAITING_AT_MOST) return;
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest ?? '');
    this.#incomplete++;
  }

  #routed({ callId, number, region, plan }: Extract<Needed, { type: 'routed' }>): void {
    if (this.#options.withoutRouted) return;
    const call = this.#waiting.get(callId);
    if (call === undefined) {
      if (this.#counted.has(callId)) this.#repeated++;
      else this.#incomplete++;
      return;
    }
    this.#waiting.delete(callId);
    // A plan of another version may hold steps that this one does not know: they are compared, not run.
    const was: Answer = { number, region, plan: plan as unknown as Plan };
    this.#tell({ ...call, was });
  }

  #tell(call: PastCall): void {
    this.#counted.add(call.callId);
    this.#options.take(call);
  }
}
