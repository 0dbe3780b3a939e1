/** `hotline status`: whether the running service is ready, which table is live and why, and whether the fleet agrees. */
import type { Readiness } from '../admin/health.ts';
import type { FleetMember, TableHealth, TableShown } from '../admin/table-api.ts';
import type { AddCommand, ExitCode, JsonFlag, Terminal } from './command.ts';
import { ask, serviceUrl } from './service.ts';

type Shown = Readiness & { readonly table: TableHealth & Partial<TableShown> };

/** A controller that has reported nothing for so long counts as gone. */
const SILENT_AFTER_SECONDS = 10;

const memberLine = ({ name, revision, outcome, problem, secondsAgo }: FleetMember, live: string): string => {
  const silent = secondsAgo > SILENT_AFTER_SECONDS ? `, silent for ${secondsAgo} s` : '';
  const drift = revision === live ? '' : `, not ${live}`;
  return `    ${name}: ${outcome}, runs ${revision}${drift}${silent}${problem === undefined ? '' : `: ${problem}`}`;
};

const fleetLines = ({ table: { fleet, revision }, fleet: reach }: Shown): readonly string[] => {
  if (reach === 'unreachable' || fleet?.connected === false) return ['  PROBLEM: fleet: Redis cannot be reached'];
  if (!fleet) return [];
  return ['  fleet', ...fleet.controllers.map((member) => memberLine(member, revision ?? ''))];
};

const tableLines = (shown: Shown): readonly string[] => {
  const { table } = shown;
  const { source, problem, who, when, summary, canary, file, refused } = table;
  const other = file && file.revision !== null && file.revision !== table.revision && problem === undefined;
  return [
    `  table from ${source}${who === undefined ? '' : `, by ${who}, ${when}: ${summary}`}`,
    ...(problem === undefined ? [] : [`  PROBLEM: ${problem}`]),
    ...(refused
      ? [`  last change refused: by ${refused.who}, ${refused.when}: ${refused.code}: ${refused.summary}`]
      : []),
    ...(other ? [`  ${file.path} holds ${file.revision}, which is not live`] : []),
    ...(canary
      ? [
          `  canary ${canary.revision} takes ${canary.takes}: ${canary.answered} of ${canary.ended} answered; by ${canary.who}, ${canary.when}`,
        ]
      : []),
    ...fleetLines(shown),
  ];
};

const show = (shown: Shown): string =>
  [
    `${shown.ready ? 'ready' : 'not ready'} · ${shown.calls} calls up · table revision ${shown.revision}`,
    ...shown.switches.map(({ name, connected }) => `  switch ${name}: ${connected ? 'connected' : 'not connected'}`),
    ...tableLines(shown),
  ].join('\n');

async function readiness(url: string): Promise<Readiness | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as Readiness;
  } catch {
    return undefined; // whatever the reason, no usable service is there
  }
}

/** Without a token, what `/readyz` shows to everybody is shown. */
async function tableOf({ table }: Readiness): Promise<Shown['table']> {
  const answer = await ask<TableShown>('GET', '/table');
  return 'good' in answer ? answer.good : table;
}

async function status(terminal: Terminal, { json }: JsonFlag): Promise<ExitCode> {
  const url = serviceUrl();
  const ready = await readiness(url);
  if (ready === undefined) {
    terminal.err(`no controller answers at ${url}: start it with npm start`);
    return 3;
  }
  const shown: Shown = { ...ready, table: await tableOf(ready) };
  terminal.out(json ? JSON.stringify(shown) : show(shown));
  return ready.ready ? 0 : 1;
}

export const addStatus: AddCommand = (program, terminal, run) => {
  program
    .command('status')
    .description('whether the running service is ready, which table is live and why, and how many calls are up')
    .option('--json', 'print the answer as JSON')
    .action(run((flags: JsonFlag) => status(terminal, flags)));
};
