/**
 * The deployment state of a controller or a fleet: which revision is live, which is tried as a canary, and the place of
 * that in the order of changes. The rule: docs/decisions/0041.
 */
import { z } from 'zod';

/** Which calls a canary revision takes: a share of all by their id, or those of given regions or numbers. */
const scopeShape = z.union([
  z.strictObject({ share: z.number().gt(0).lte(1) }),
  z.strictObject({ regions: z.array(z.string()).min(1) }),
  z.strictObject({ numbers: z.array(z.string()).min(1) }),
]);

/** A scope of another version takes no call here: to take more than were meant would be worse. */
const NO_CALL: z.infer<typeof scopeShape> = { numbers: [] };
export type CanaryScope = Readonly<z.infer<typeof scopeShape>>;

export const deploymentStateShape = z.object({
  /** Rises by one with each change the fleet accepts; 0: the table a controller started on, which nobody decided. */
  counter: z.number().int().nonnegative(),
  /** When it was decided, ISO 8601; shown to people, and breaks ties of the counter. */
  when: z.string(),
  revision: z.string(),
  /** What was live before, and what `rollback` goes to. */
  previous: z.string().nullable(),
  canary: z.object({ revision: z.string(), reach: scopeShape.catch(NO_CALL) }).nullable(),
  who: z.string(),
  summary: z.string(),
  /** Who made the live table live, and when, if a canary has begun or ended since. */
  live: z.object({ when: z.string(), who: z.string(), summary: z.string() }).exactOptional(),
});
export type DeploymentState = Readonly<z.infer<typeof deploymentStateShape>>;

/** Who made the live table live, and when, whatever canary runs beside it. */
export const liveBy = ({ live, when, who, summary }: DeploymentState): Required<DeploymentState>['live'] =>
  live ?? { when, who, summary };

const partsOf = ({ counter, when, revision, canary }: DeploymentState): readonly (string | number)[] => [
  counter,
  when,
  revision,
  canary?.revision ?? '',
];

/** Identifies a deployment state. */
export const orderOf = (deployment: DeploymentState): string => partsOf(deployment).join(' ');

/** Orders by counter, then by time, then by revision, so that all controllers agree. 0: the same change. */
export const compareDeployments = (a: DeploymentState, b: DeploymentState): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  const at = left.findIndex((value, n) => value !== right[n]);
  if (at === -1) return 0;
  return (left[at] as string) < (right[at] as string) ? -1 : 1;
};

/** One change in the history, accepted or refused. */
export const historyShape = z.object({
  what: z.enum(['start', 'reload', 'rollback', 'canary', 'promote', 'follow']),
  outcome: z.enum(['accepted', 'refused']),
  revision: z.string().nullable(),
  before: z.string().nullable(),
  when: z.string(),
  who: z.string(),
  from: z.enum(['file', 'http', 'cli', 'signal', 'redis', 'canary']),
  summary: z.string(),
  /** Code of the refusal. */
  code: z.string().exactOptional(),
  controller: z.string(),
});
export type HistoryEntry = Readonly<z.infer<typeof historyShape>>;
export type ChangeFrom = HistoryEntry['from'];

/** Equal for the fleet's entry of a change and for the entry of a controller that followed it. */
const tellsOf = ({ when, who, outcome, summary }: HistoryEntry): string =>
  JSON.stringify([when, who, outcome, summary]);

/** Merges two histories, the newest first. Each keeps its own order, whatever the clocks said; for entries in both, the first wins. */
export const mergeHistory = (
  first: readonly HistoryEntry[],
  second: readonly HistoryEntry[],
): readonly HistoryEntry[] => {
  const known = new Set(first.map(tellsOf));
  const [ofFirst, others] = [[...first], second.filter((each) => !known.has(tellsOf(each)))];
  const merged: HistoryEntry[] = [];
  for (const other of others) {
    const older = ofFirst.findIndex(({ when }) => when < other.when);
    merged.push(...ofFirst.splice(0, older === -1 ? ofFirst.length : older), other);
  }
  return [...merged, ...ofFirst];
};

export const keptRevisionShape = z.object({
  revision: z.string(),
  checkedAt: z.number(),
  text: z.string(),
  prefixList: z.string().nullable(),
});

/** Parses JSON by a schema; undefined for anything that does not fit. */
export const parseAs = <T>(shape: z.ZodType<T>, text: string | null | undefined): T | undefined => {
  if (text === null || text === undefined) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
