/**
 * The compiled routing table: what the YAML becomes once it has been parsed and checked whole.
 * Frozen; nothing downstream checks again. Built only by `parse.ts`.
 */

import type { Hours } from './time/hours.ts';
import type { Moment } from './time/moments.ts';
import type { ZoneClock } from './time/zone-clock.ts';

/** 归并方式, how a number is merged into 12345. */
export type Mode = 'merged' | 'parallel' | 'subcentre';

/** `queue:<name>` or `seats:<name>`: the contract's destination ids. */
export type DestinationId = `queue:${string}` | `seats:${string}`;

export interface Region {
  readonly id: string;
  /** Spoken and shown name, e.g. `厦门`. */
  readonly name: string;
  /** Trunk prefix and area code, e.g. `0592`; absent where no area code tells (pingtan, province). */
  readonly areaCode: string | undefined;
}

export interface Trunk {
  readonly id: string;
  /** Region every call of this trunk belongs to; absent where the trunk does not tell. */
  readonly region: string | undefined;
}

export interface Prompt {
  readonly id: string;
  /** What is spoken, when it is synthesised. */
  readonly text: string;
  /** Audio supplied by the operator, relative to the prompts folder; it wins over `text`. */
  readonly file: string | undefined;
}

export interface Queue {
  readonly id: DestinationId;
  /** The id without its kind, e.g. `12345-xiamen`: the queue's name on the PBX. */
  readonly name: string;
  readonly label: string;
  readonly waitSeconds: number;
  /** Skills (专席) this queue keeps members for. */
  readonly skills: readonly string[];
  /** Endpoints of the queue's members, where this table is their source; may be empty. */
  readonly members: readonly string[];
  /** Endpoints of the members who answer for one skill only, by skill. */
  readonly skillMembers: ReadonlyMap<string, readonly string[]>;
  /** `number@trunk` of the platform that keeps this queue; undefined: the PBX keeps it. */
  readonly dial: string | undefined;
  readonly announce: Announce | undefined;
  /** Most callers who may wait; undefined: any number. */
  readonly capacity: number | undefined;
  /** Name of its service hours; undefined: always open. */
  readonly hours: string | undefined;
  /** Talks with its agents are recorded. */
  readonly record: boolean;
}

/** What a waiting caller is told. */
export interface Announce {
  readonly position: boolean;
  readonly estimate: boolean;
  readonly everySeconds: number;
}

export interface Seats {
  readonly id: DestinationId;
  readonly name: string;
  readonly label: string;
  /** What is dialled: a PBX endpoint `name`, or `number@trunk`. Never empty. */
  readonly endpoints: readonly string[];
  /** `together`: all at once · `in-order`: each for `ringSeconds`, first to last. */
  readonly ring: 'together' | 'in-order';
  readonly ringSeconds: number;
  /** Name of their service hours; undefined: always open. */
  readonly hours: string | undefined;
  /** Talks with them are recorded. */
  readonly record: boolean;
  /** Reached by transfer only, never from a rule (12350's duty phone). */
  readonly transferOnly: boolean;
}

/** One place of a chain; `to` may hold `{region}`. */
export interface Target {
  readonly to: string;
  readonly skill: string | undefined;
  readonly seconds: number | undefined;
}

/** Callers by name; numbers in the form of `normalCaller`. */
export interface CallerList {
  readonly id: string;
  readonly numbers: ReadonlySet<string>;
  /** Beginnings, by their length. */
  readonly starts: ReadonlyMap<number, ReadonlySet<string>>;
}

/** The conditions of a rule; undefined: no such condition. Any one member of a list is enough. */
export interface When {
  readonly regions: readonly string[] | undefined;
  readonly trunks: readonly string[] | undefined;
  /** Names of service hours. */
  readonly hours: readonly string[] | undefined;
  /** Names of caller lists. */
  readonly callers: readonly string[] | undefined;
  /** First moment at which the rule holds. */
  readonly from: Moment | undefined;
  /** First moment at which it holds no more. */
  readonly until: Moment | undefined;
}

export interface Rule extends When {
  readonly connect: readonly Target[];
}

/**
 * Rules in order, with the dates between which they hold as flat arrays: most rules of a long list are of other dates, and
 * skipping them one object at a time would be most of the cost of a plan.
 */
export interface RulesOfRegion {
  /** Places in `rules`. */
  readonly indexes: Int32Array;
  /** Unix milliseconds; without limit, infinite. */
  readonly from: Float64Array;
  readonly until: Float64Array;
}

export interface HotlineNumber {
  readonly number: string;
  /** 责任单位 */
  readonly unit: string;
  readonly mode: Mode;
  /** Prompt the caller hears first; undefined: none. */
  readonly prompt: string | undefined;
  /** Why a merged number keeps seats. */
  readonly because: string | undefined;
  readonly rules: readonly Rule[];
  /** By region, the rules that may take a call from there; undefined: there are so few that all are tried. */
  readonly rulesOf: ReadonlyMap<string, RulesOfRegion> | undefined;
}

export interface Expectation {
  readonly call: {
    readonly to: string;
    readonly from: string | undefined;
    readonly trunk: string | undefined;
    readonly at: Moment | undefined;
  };
  readonly expect: {
    readonly region: string | undefined;
    /** null: no prompt is heard; undefined: not stated. */
    readonly prompt: string | null | undefined;
    readonly connect: readonly { readonly to: string; readonly skill: string | undefined }[];
  };
  /** 1-based place of the expectation in the YAML. */
  readonly line: number;
  readonly column: number;
}

/** How often a caller may be handed on, and who decides then. */
export interface TransferLimit {
  /** Hand-overs of one call without a minute of talk between them. */
  readonly most: number;
  /** The supervisors' queue; undefined: the 12345 queue of the region. */
  readonly supervisors: DestinationId | undefined;
}

export interface Table {
  /** First 16 hex digits of SHA-256 over the table's text and its prefix list. */
  readonly revision: string;
  /** The wall clock that all hours and dates go by. */
  readonly clock: ZoneClock;
  readonly hours: ReadonlyMap<string, Hours>;
  readonly callers: ReadonlyMap<string, CallerList>;
  readonly regions: ReadonlyMap<string, Region>;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly prompts: ReadonlyMap<string, Prompt>;
  /** By destination id, e.g. `queue:12345-xiamen`. */
  readonly queues: ReadonlyMap<string, Queue>;
  readonly seats: ReadonlyMap<string, Seats>;
  readonly numbers: ReadonlyMap<string, HotlineNumber>;
  /** Prompt said when every destination failed. */
  readonly apology: string;
  /** 7-digit mobile prefix to region id. */
  readonly mobilePrefixes: ReadonlyMap<string, string>;
  /** By destination, whom its agents may hand a caller to; see `transfersFrom`. */
  readonly transfers: ReadonlyMap<string, readonly DestinationId[]>;
  readonly handOvers: TransferLimit;
  readonly expectations: readonly Expectation[];
}

/** Region id of a call of which nothing tells the city. */
export const PROVINCE = 'province';

/** Whether talks with a destination are recorded; no, when the table no longer has it. */
export const isRecorded = (table: Table, to: DestinationId): boolean =>
  (table.queues.get(to) ?? table.seats.get(to))?.record ?? false;

/** Ids of the two prompts that make up the whisper to the agent; the parser adds them to every table. */
export const whisperPrompts = (number: string, region: string): readonly string[] => [
  `whisper-number-${number}`,
  `whisper-region-${region}`,
];
