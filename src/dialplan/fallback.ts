/**
 * The fallback dialplan, for calls that no controller takes. What it does is the same on every PBX, context by context;
 * each PBX writes a context in its own language. Every line is what `route` answers, so the dialplan sends a call where
 * the controller would (design §4.1). Pure: the same table gives the same bytes.
 *
 *   hotline-fallback ──▶ -dialled ──area code──────────────▶ -found ──▶ -in-REGION ──▶ -present ──▶ -plans
 *     (trunk's region)      └──none──▶ -caller (──▶ -mobile) ──▶┘
 */
import type { Plan } from '../routing/steps.ts';
import type { Region, Table } from '../routing/table.ts';
import { type MobileStart, mobileStarts } from './enumerated-routes.ts';
import { leftOut, staticTable } from './static-table.ts';

/**
 * A name of the table as it may stand in a dialplan: what a PBX would read as its own (`,` `;` `)` `$` `"` `'` `<` …) is
 * left out.
 */
export const plainText = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, '').trim();

export interface NamedPlan {
  /** e.g. `p19` */
  readonly name: string;
  readonly plan: Plan;
}

/** The distinct plans of a table, each once: those the PBX does the same for are one. Named in order of use. */
export class Plans {
  readonly #byLines = new Map<string, NamedPlan>();
  readonly #linesOf: (plan: Plan) => readonly string[];

  /** @param linesOf what the PBX does for a plan. */
  constructor(linesOf: (plan: Plan) => readonly string[]) {
    this.#linesOf = linesOf;
  }

  nameOf(plan: Plan): string {
    const key = this.#linesOf(plan).join('\n');
    const named = this.#byLines.get(key) ?? { name: `p${this.#byLines.size + 1}`, plan };
    this.#byLines.set(key, named);
    return named.name;
  }

  get all(): readonly NamedPlan[] {
    return [...this.#byLines.values()];
  }
}

/** From what was dialled, by whom, over which trunk, to a number and a region: the first half of the dialplan. */
export interface RegionContexts {
  entry(table: Table): string;
  dialled(table: Table): string;
  caller(table: Table): string;
  mobile(start: MobileStart): string;
  readonly found: string;
}

/** One PBX's language for the contexts, in the order they are written. */
export interface FallbackLanguage {
  comment(words: string): string;
  readonly regions: RegionContexts;
  linesOf(table: Table, plan: Plan): readonly string[];
  inRegion(table: Table, region: Region, plans: Plans, at: Date): string;
  readonly present: string;
  plans(table: Table, plans: readonly NamedPlan[]): string;
}

/** All contexts of a table. @param at the clock that hours and dates are taken by. */
export const fallbackContexts = (whole: Table, at: Date, language: FallbackLanguage): readonly string[] => {
  const table = staticTable(whole);
  const { regions } = language;
  const plans = new Plans((plan) => language.linesOf(table, plan));
  return [
    ...leftOut(whole, at).map(language.comment),
    regions.entry(table),
    regions.dialled(table),
    regions.caller(table),
    ...mobileStarts(table).map(regions.mobile),
    regions.found,
    ...[...table.regions.values()].map((region) => language.inRegion(table, region, plans, at)),
    language.present,
    language.plans(table, plans.all), // after the regions, which name them
  ];
};
