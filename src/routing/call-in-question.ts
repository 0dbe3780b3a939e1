/** A call, as the conditions of a rule look at it. What few of them ask is found out when it is asked, once. */
import { normalCaller } from './numbering.ts';
import type { CallFacts, RegionFound } from './routing.ts';
import type { Table } from './table.ts';
import type { WallTime } from './time/zone-clock.ts';

export class CallInQuestion {
  readonly table: Table;
  readonly facts: CallFacts;
  readonly region: RegionFound;
  /** When the call arrived, in milliseconds since 1970; the clock is the caller's, never ours. */
  readonly at: number;
  #wallTime: WallTime | undefined;
  #caller: string | null | undefined;

  constructor(table: Table, facts: CallFacts, region: RegionFound, at: Date) {
    this.table = table;
    this.facts = facts;
    this.region = region;
    this.at = at.getTime();
  }

  /** By the wall clock of the table. */
  get wallTime(): WallTime {
    this.#wallTime ??= this.table.clock.wallTime(this.at);
    return this.#wallTime;
  }

  /** In the form caller lists are kept in; null: withheld. */
  get caller(): string | null {
    if (this.#caller === undefined) this.#caller = normalCaller(this.facts.caller);
    return this.#caller;
  }
}
