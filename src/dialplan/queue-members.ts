/** The queues of a table as a PBX keeps them. Pure. */
import type { Queue, Table } from '../routing/table.ts';

/** Name on the PBX of the queue that holds only the members with `skill` (专席). */
export const skillQueueName = (queue: string, skill: string): string => `${queue}-skill-${skill}`;

export interface QueueMembers {
  /** The queue's name on the PBX. */
  readonly name: string;
  /** Endpoints. */
  readonly members: readonly string[];
  /** The queue of the table that it is, or is a skill of. */
  readonly queue: Queue;
}

/** One queue for each queue of the table and for each of its skills; not those of another platform, which are dialled. */
export const queueMembers = (table: Table): readonly QueueMembers[] =>
  [...table.queues.values()].flatMap((queue) => {
    const { name, members, skills, skillMembers, dial } = queue;
    if (dial !== undefined) return [];
    const ofSkill = (skill: string) => ({
      name: skillQueueName(name, skill),
      members: skillMembers.get(skill) ?? [],
      queue,
    });
    return [{ name, members, queue }, ...skills.map(ofSkill)];
  });

/** FreeSWITCH's queue modules have no capacity, and announce neither position nor waiting time. */
export const isLeftOut = ({ announce, capacity }: Queue): boolean => announce !== undefined || capacity !== undefined;
