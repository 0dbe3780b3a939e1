/** Plans in words, and as keys by which two plans are the same or not. */
import type { ConnectStep, Plan, PlanStep } from './steps.ts';

/** A key that this file does not know is told as it stands, so that two steps that differ differ in words as well. */
const furtherKeys = (rest: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(rest)
    .sort()
    .map((key) => `${key} ${JSON.stringify(rest[key])}`);

/** e.g. `queue:12345-xiamen (skill 12329, wait 120 s)`; without its limit, the place alone. */
export const formatConnect = (step: ConnectStep, withLimit: boolean): string => {
  const { do: _, to, skill, ringSeconds, waitSeconds, ...rest } = step;
  const notes = [
    ...(skill === undefined ? [] : [`skill ${skill}`]),
    ...(withLimit && ringSeconds !== undefined ? [`ring ${ringSeconds} s`] : []),
    ...(withLimit && waitSeconds !== undefined ? [`wait ${waitSeconds} s`] : []),
    ...furtherKeys(rest),
  ];
  return notes.length === 0 ? to : `${to} (${notes.join(', ')})`;
};

/** e.g. `merged, seats:12333-xiamen, queue:12345-xiamen, busy` */
export const formatPlan = (plan: Plan): string =>
  plan
    .flatMap((step) => {
      switch (step.do) {
        case 'play':
          return [step.prompt];
        case 'connect':
          return [formatConnect(step, false)];
        case 'answer':
        case 'hangup':
          return [];
        default:
          step satisfies never;
          return []; // of a record that another version wrote
      }
    })
    .join(', ');

const stepKey = (step: PlanStep): string => {
  if (step.do === 'connect') return formatConnect(step, true);
  const { do: what, ...rest } = step;
  return `${what} ${furtherKeys(rest).join(' ')}`;
};

/** The same for two plans that do the same, whatever order their keys stand in. */
export const planKey = (plan: Plan): string => plan.map(stepKey).join('|');
