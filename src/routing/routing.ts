/**
 * What routing says of one call: the contract's `explain --json` object. Plain data, made before the call is touched.
 */
import type { Plan } from './steps.ts';
import type { DestinationId, Mode } from './table.ts';

/** What the PBX knows of a call when it arrives, before anything is normalised. */
export interface CallFacts {
  /** Number as the carrier delivered it: `12333`, `059212333`, `+8659212333` … */
  readonly dialled: string;
  /** Caller's number as delivered; empty, null or `anonymous` when withheld. */
  readonly caller: string | null;
  /** Id of the trunk the call came in on. */
  readonly trunk: string | null;
}

/** What is known of a call when its table is chosen. */
export interface ArrivedCall extends CallFacts {
  readonly id: string;
}

export type RegionSource = 'trunk' | 'dialled-area-code' | 'caller-area-code' | 'caller-mobile-prefix' | 'default';

export interface RegionFound {
  readonly id: string;
  readonly from: RegionSource;
}

export interface RuleConsidered {
  /** 1-based place of the rule under its number. */
  readonly rule: number;
  readonly matched: boolean;
  /** e.g. `region is xiamen`. */
  readonly because: string;
}

/** A place of the deciding rule that is not tried, for it is closed. */
export interface PassedOver {
  readonly to: DestinationId;
  readonly because: string;
}

/** What is decided of a call to a number of the table. */
export interface Decided {
  readonly revision: string;
  readonly dialled: string;
  readonly number: string;
  readonly unit: string;
  readonly mode: Mode;
  readonly region: RegionFound;
  /** 1-based place of the rule that decided; null: none did, which a checked table does not let happen. */
  readonly rule: number | null;
  readonly plan: Plan;
}

/** A call to a number of the table, and why it goes where it goes. */
export interface Routed extends Omit<Decided, 'rule'> {
  readonly considered: readonly RuleConsidered[];
  /** Only where there are any. */
  readonly passedOver?: readonly PassedOver[];
}

/** A call to anything else: refused, nothing is dialled. */
export interface Refused {
  readonly revision: string;
  readonly dialled: string;
  readonly number: null;
  readonly plan: Plan;
}

export type Routing = Routed | Refused;

export type Decision = Decided | Refused;
