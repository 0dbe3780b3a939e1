/**
 * Where a controller or the fleet stands: which revision is live, which is tried, and the place of that in the order of
 * changes. docs/decisions/0041 has the rule in words.
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
  /** Rises by one with each change the fleet accepts; 0: a table started from, that nobody decided on. */
  counter: z.number().int().nonnegative(),
  /** ISO 8601, when it was decided; told to people, and breaks ties of the counter. */
  when: z.string(),
  revision: z.string(),
  /** What was live before, and what `rollback` goes to. */
  previous: z.string().nullable(),
  canary: z.object({ revision: z.string(), reach: scopeShape.catch(NO_CALL) }).nullable(),
  who: z.string(),
  summary: z.string(),
  /** By whom and when the live table came, where that was not the last change: a canary began or ended since. */
  live: z.object({ when: z.string(), who: z.string(), summary: z.string() }).exactOptional(),
});
export type DeploymentState = Readonly<z.infer<typeof deploymentStateShape>>;

/** By whom and when the live table came, whatever is tried beside it. */
export const liveBy = ({ live, when, who, summary }: DeploymentState): Required<DeploymentState>['live'] =>
  live ?? { when, who, summary };

const partsOf = ({ counter, when, revision, canary }: DeploymentState): readonly (string | number)[] => [
  counter,
  when,
  revision,
  canary?.revision ?? '',
];

/** Tells a deployment from every other. */
export const orderOf = (deployment: DeploymentState): string => partsOf(deployment).join(' ');

/** Greater counter; then later; then, so that all agree, by revision. 0: the same change. */
export const compareDeployments = (a: DeploymentState, b: DeploymentState): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  const at = left.findIndex((value, n) => value !== right[n]);
  if (at === -1) return 0;
  return (left[at] as string) < (right[at] as string) ? -1 : 1;
};

/** What the history keeps of one change, or of one that was refused. */
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

/** The same for what the fleet tells of a change and what a controller wrote down when it followed. */
const tellsOf = ({ when, who, outcome, summary }: HistoryEntry): string =>
  JSON.stringify([when, who, outcome, summary]);

/** Both the newest first, and each in its own order, whatever clocks said; what both tell is told as the first has it. */
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

/** What a text holds, in the shape asked for; undefined for anything else. */
export const parseAs = <T>(shape: z.ZodType<T>, text: string | null | undefined): T | undefined => {
  if (text === null || text === undefined) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
