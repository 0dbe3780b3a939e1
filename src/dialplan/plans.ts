/** The plans of a table as a fallback dialplan holds them: each that does something else, once. Pure. */
import type { Plan } from '../routing/steps.ts';

export interface NamedPlan {
  /** e.g. `p19` */
  readonly name: string;
  readonly plan: Plan;
}

/** Plans by what they do, named in order of use. */
export class Plans {
  readonly #byLines = new Map<string, NamedPlan>();
  readonly #linesOf: (plan: Plan) => readonly string[];

  /** @param linesOf what the PBX does for a plan: plans of the same lines are one. */
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
