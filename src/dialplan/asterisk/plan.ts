/** A plan as applications of Asterisk: what the controller does with legs, done by Dial() and Queue(). Pure. */
import type { ConnectStep, Plan, PlanStep } from '../../routing/steps.ts';
import type { Table } from '../../routing/table.ts';
import { skillQueueName } from '../queue-members.ts';

/** ITU-T Q.850; 1 reaches SIP as 404. */
const Q850 = { 'no-answer': 19, unallocated: 1 } as const;

/** The headers for the agent's phone (`hotline.conf`), and nobody tells the caller's network who the agent is (`I`). */
const AGENT_OPTIONS = 'Ib(hotline-agent^s^1)';

/** An answered caller hears no ringing by itself: `r`. Without `g` the call ends with the talk. */
const dial = (endpoints: readonly string[], ringSeconds: number): string =>
  `Dial(${endpoints.map((endpoint) => `PJSIP/${endpoint}`).join('&')},${ringSeconds},r${AGENT_OPTIONS})`;

const connect = (table: Table, { to, skill, ringSeconds, waitSeconds }: ConnectStep): readonly string[] => {
  const queue = table.queues.get(to);
  if (queue?.dial !== undefined) return [dial([queue.dial], waitSeconds ?? queue.waitSeconds)];
  if (queue !== undefined) {
    const name = skill === undefined ? queue.name : skillQueueName(queue.name, skill);
    return [`Queue(${name},${AGENT_OPTIONS},,,${waitSeconds ?? queue.waitSeconds})`];
  }
  const seats = table.seats.get(to);
  if (seats === undefined) return [];
  const rounds = seats.ring === 'together' ? [seats.endpoints] : seats.endpoints.map((endpoint) => [endpoint]);
  return rounds.map((endpoints) => dial(endpoints, ringSeconds ?? seats.ringSeconds));
};

const stepLines = (table: Table, promptsDir: string, step: PlanStep): readonly string[] => {
  switch (step.do) {
    case 'answer':
      return ['Answer()'];
    case 'play':
      return [`Playback(${promptsDir}/${step.prompt})`]; // a file that is missing is a warning, and the call goes on
    case 'connect':
      return connect(table, step);
    case 'hangup':
      return [`Hangup(${Q850[step.cause]})`];
  }
};

export const planLines = (table: Table, promptsDir: string, plan: Plan): readonly string[] =>
  plan.flatMap((step) => stepLines(table, promptsDir, step));
