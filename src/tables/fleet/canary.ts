/** Which calls a canary takes, and when it has shown that it should not. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BadRequest } from '../../base/errors.ts';
import { route } from '../../routing/plan.ts';
import type { ArrivedCall } from '../../routing/routing.ts';
import type { Table } from '../../routing/table.ts';
import type { CanaryScope } from './deployment-state.ts';

/** 0 to 1, the same for a call wherever and whenever it is asked. */
const placeOf = (callId: string): number =>
  createHash('sha256').update(callId).digest().readUInt32BE(0) / 0x1_0000_0000;

/** Whether the candidate takes this call: regions and numbers as the candidate itself reads them. */
export const takes = (candidate: Table, scope: CanaryScope, call: ArrivedCall, at: Date): boolean => {
  if ('share' in scope) return placeOf(call.id) < scope.share;
  const routing = route(candidate, call, at);
  if (routing.number === null) return false;
  return 'regions' in scope ? scope.regions.includes(routing.region.id) : scope.numbers.includes(routing.number);
};

/** Regions or numbers of a scope that the candidate does not have. */
export const unknownIn = (candidate: Table, scope: CanaryScope): readonly string[] => {
  if ('share' in scope) return [];
  if ('regions' in scope) return scope.regions.filter((id) => !candidate.regions.has(id));
  return scope.numbers.filter((number) => !candidate.numbers.has(number));
};

/** About which share of calls it is. */
export const shareOf = (candidate: Table, scope: CanaryScope): number => {
  if ('share' in scope) return scope.share;
  if ('regions' in scope) return scope.regions.length / candidate.regions.size;
  return scope.numbers.length / candidate.numbers.size;
};

/**
 * `10%`, `region:xiamen` or `number:12333`; several regions or numbers are separated by commas.
 * @throws BadRequest
 */
export function parseScope(text: string): CanaryScope {
  const percentage = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  const share = Number(percentage) / 100;
  if (share > 0 && share <= 1) return { share };
  const [, kind, list = ''] = /^(region|number):([\w-]+(?:,[\w-]+)*)$/.exec(text) ?? [];
  if (kind === 'region') return { regions: list.split(',') };
  if (kind === 'number') return { numbers: list.split(',') };
  throw new BadRequest(`a canary takes 10%, region:xiamen or number:12333, not \`${text}\``);
}

export const formatScope = (scope: CanaryScope): string => {
  if ('share' in scope) return `${Math.round(scope.share * 1000) / 10}% of calls`;
  return 'regions' in scope ? `calls of ${scope.regions.join(', ')}` : `calls to ${scope.numbers.join(', ')}`;
};

export interface CanaryLimits {
  /** Calls that have to end, of the canary and of the live revision each, before anything is concluded. */
  readonly leastCalls: number;
  /** So far the share of calls answered may fall below that of the live revision. */
  readonly margin: number;
}

const tallyShape = z.object({ ended: z.number(), answered: z.number() });
export type Tally = Readonly<z.infer<typeof tallyShape>>;
/** By revision. */
export const talliesShape = z.record(z.string(), tallyShape);
export type Tallies = Readonly<z.infer<typeof talliesShape>>;

const rate = ({ answered, ended }: Tally): number => answered / ended;
const percent = (tally: Tally): string => `${Math.round(rate(tally) * 100)}% of ${tally.ended} calls`;

/** Counts how calls end while a canary runs: those that ended here, and those that other controllers tell of. */
export class CanaryWatch {
  readonly #limits: CanaryLimits;
  #run = '';
  #own: Tallies = {};
  #others: readonly Tallies[] = [];

  constructor(limits: CanaryLimits) {
    this.#limits = limits;
  }

  /** Of this controller alone. */
  get own(): Tallies {
    return this.#own;
  }

  /** @param run what tells one canary from every other; another one begins to count anew. @returns whether it is another */
  begin(run: string): boolean {
    if (run === this.#run) return false;
    this.#run = run;
    this.#own = {};
    this.#others = [];
    return true;
  }

  ended(revision: string, isAnswered: boolean): void {
    const { ended, answered } = this.#own[revision] ?? { ended: 0, answered: 0 };
    const tally = { ended: ended + 1, answered: answered + (isAnswered ? 1 : 0) };
    this.#own = { ...this.#own, [revision]: tally };
  }

  /** What each other controller has counted of the same run so far. */
  heard(run: string, others: readonly Tallies[]): void {
    if (run === this.#run) this.#others = others;
  }

  /** Of all controllers. */
  tally(revision: string): Tally {
    const all = [this.#own, ...this.#others].flatMap((each) => each[revision] ?? []);
    const sum = (key: keyof Tally) => all.reduce((total, each) => total + each[key], 0);
    return { ended: sum('ended'), answered: sum('answered') };
  }

  /** Why the canary should go, in words; undefined while nothing speaks against it. */
  verdict(live: string, canary: string): string | undefined {
    const [ours, its] = [this.tally(live), this.tally(canary)];
    const { leastCalls, margin } = this.#limits;
    if (ours.ended < leastCalls || its.ended < leastCalls || rate(its) >= rate(ours) - margin) return undefined;
    return `answered ${percent(its)}, the live revision ${percent(ours)}`;
  }
}
