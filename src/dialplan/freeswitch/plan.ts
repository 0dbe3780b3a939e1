/** A plan as applications of FreeSWITCH: what the controller does with legs, done by bridge and a queue's module. Pure. */
import type { ConnectStep, Plan, PlanStep } from '../../routing/steps.ts';
import type { Table } from '../../routing/table.ts';
import { skillQueueName } from '../queue-members.ts';
import type { QueueEngine } from './queues.ts';
import { type Action, dialString } from './text.ts';

/** Where plans, and what follows after a queue, are found. */
export const PLANS = 'hotline-fallback-plans';

const CAUSES = { 'no-answer': 'NO_ANSWER', unallocated: 'UNALLOCATED_NUMBER' } as const;

/** What is done in one go; a queue ends a part, since its wait is ended by a jump to the next. */
export interface PlanPart {
  /** `p19`, `p19-2` … */
  readonly name: string;
  readonly actions: readonly Action[];
}

/** `call_timeout`, because a phone of the directory heeds no other limit that is set for one call alone. */
const ring = (endpoints: readonly string[], ringSeconds: number): readonly Action[] => [
  ['set', `call_timeout=${ringSeconds}`],
  ['bridge', endpoints.map(dialString).join(',')],
];

const seatRounds = (table: Table, { to, ringSeconds }: ConnectStep): readonly Action[] => {
  const seats = table.seats.get(to);
  if (seats === undefined) return [];
  const rounds = seats.ring === 'together' ? [seats.endpoints] : seats.endpoints.map((endpoint) => [endpoint]);
  return rounds.flatMap((endpoints) => ring(endpoints, ringSeconds ?? seats.ringSeconds));
};

export interface PlanPlaces {
  /** Folder of the prompts as FreeSWITCH sees it. */
  readonly promptsDir: string;
  readonly queues: QueueEngine;
}

/** @param name of the first part; the others are numbered. */
export const planParts = (
  table: Table,
  { promptsDir, queues }: PlanPlaces,
  plan: Plan,
  name: string,
): readonly PlanPart[] => {
  const parts: { name: string; actions: Action[] }[] = [{ name, actions: [] }];
  const add = (...actions: readonly Action[]): unknown => parts.at(-1)?.actions.push(...actions);
  const connect = (step: ConnectStep): unknown => {
    const queue = table.queues.get(step.to);
    if (queue === undefined) return add(...seatRounds(table, step));
    const waitSeconds = step.waitSeconds ?? queue.waitSeconds;
    if (queue.dial !== undefined) return add(...ring([queue.dial], waitSeconds));
    const next = `${name}-${parts.length + 1}`;
    const queueName = step.skill === undefined ? queue.name : skillQueueName(queue.name, step.skill);
    add(...queues.wait({ queue: queueName, waitSeconds, next, context: PLANS }));
    return parts.push({ name: next, actions: [...queues.afterWait] });
  };
  const addStep = (step: PlanStep): unknown => {
    switch (step.do) {
      case 'answer':
        return add(['answer']);
      case 'play':
        return add(['playback', `${promptsDir}/${step.prompt}.wav`]); // without the file, the call goes on
      case 'connect':
        return connect(step);
      case 'hangup':
        return add(['hangup', CAUSES[step.cause]]);
      default:
        return step satisfies never;
    }
  };
  plan.forEach(addStep);
  return parts;
};
