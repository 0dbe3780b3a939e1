/** The queues of a table as a PBX keeps them. Pure. */
import type { Table } from '../routing/table.ts';

/** Name on the PBX of the queue that holds only the members with `skill` (专席). */
export const skillQueueName = (queue: string, skill: string): string => `${queue}-skill-${skill}`;

export interface QueueMembers {
  /** The queue's name on the PBX. */
  readonly name: string;
  /** Endpoints. */
  readonly members: readonly string[];
}

/** A queue per queue of the table, and one per skill of it. */
export const queueMembers = (table: Table): readonly QueueMembers[] =>
  [...table.queues.values()].flatMap(({ name, members, skills, skillMembers }) => [
    { name, members },
    ...skills.map((skill) => ({ name: skillQueueName(name, skill), members: skillMembers.get(skill) ?? [] })),
  ]);
