/** Which calls a canary takes, and when its results are too bad. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BadRequest } from '../../base/errors.ts';
import { route } from '../../routing/plan.ts';
import type { ArrivedCall } from '../../routing/routing.ts';
import type { Table } from '../../routing/table.ts';
import type { CanaryScope } from './deployment-state.ts';

/** 0 to 1, always the same for a call, on every controller. */
const placeOf = (callId: string): number =>
  createHash('sha256').update(callId).digest().readUInt32BE(0) / 0x1_0000_0000;

/** Whether the candidate takes this call. Region and number are those the candidate's own table gives. */
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

/** The approximate share of calls in a scope, 0 to 1. */
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
  /** No verdict before the canary and the live revision have each had so many calls. */
  readonly leastCalls: number;
  /** How far the share of answered calls may fall below the live revision's. */
  readonly margin: number;
}

const tallyShape = z.object({ ended: z.number(), answered: z.number() });
export type Tally = Readonly<z.infer<typeof tallyShape>>;
/** By revision. */
export const talliesShape = z.record(z.string(), tallyShape);
export type Tallies = Readonly<z.infer<typeof talliesShape>>;

const rate = ({ answered, ended }: Tally): number => answered / ended;
const percent = (tally: Tally): string => `${Math.round(rate(tally) * 100)}% of ${tally.ended} calls`;

/** Counts how calls end while a canary runs: here, and on the other controllers. */
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

  /** Counts anew when the canary is another. @param run identifies a trial. @returns true when it is another */
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

  /** Takes over the counts of the other controllers for the same trial. */
  heard(run: string, others: readonly Tallies[]): void {
    if (run === this.#run) this.#others = others;
  }

  /** Of all controllers. */
  tally(revision: string): Tally {
    const all = [this.#own, ...this.#others].flatMap((each) => each[revision] ?? []);
    const sum = (key: keyof Tally) => all.reduce((total, each) => total + each[key], 0);
    return { ended: sum('ended'), answered: sum('answered') };
  }

  /** Why the canary should be rolled back; undefined while its results are good enough. */
  verdict(live: string, canary: string): string | undefined {
    const [ours, its] = [this.tally(live), this.tally(canary)];
    const { leastCalls, margin } = this.#limits;
    if (ours.ended < leastCalls || its.ended < leastCalls || rate(its) >= rate(ours) - margin) return undefined;
    return `answered ${percent(its)}, the live revision ${percent(ours)}`;
  }
}
