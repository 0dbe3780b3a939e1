/** A call's report as a person reads it. Pure. */
import type { CallReport } from './report.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(9);

const whom = (report: CallReport): string => {
  if (report.reached === null) return 'The caller reached nobody.';
  const waited = report.waitedMs === null ? '' : ` after ${(report.waitedMs / 1000).toFixed(1)} s`;
  return `The caller reached ${report.reached}${waited}.`;
};

const phone = ({ agentSaw }: CallReport): string[] =>
  agentSaw === null
    ? []
    : [
        `The agent's phone showed "${agentSaw.name}" ${agentSaw.number || '(no number)'}, hotline ${agentSaw.hotline || '(none)'}.`,
      ];

const heard = ({ heard: prompts }: CallReport): string[] =>
  prompts.map(
    ({ prompt, match, fromMs }) =>
      `Heard: prompt "${prompt}" from ${seconds(fromMs).trim()}, match ${match.toFixed(2)}.`,
  );

export const tellStory = (report: CallReport): string => {
  const title = `Call to ${report.dialled}${report.number === null ? ', which is not in the table' : ` (hotline ${report.number})`}`;
  return [
    title,
    ...report.timeline.map(({ atMs, event }) => `${seconds(atMs)}  ${event}`),
    ...heard(report),
    whom(report),
    ...phone(report),
    `Ended by the ${report.endedBy}.`,
  ].join('\n');
};
