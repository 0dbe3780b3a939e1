/** `hotline status`: whether the running service is ready, and how many calls are up. */
import type { Readiness } from '../admin/http.ts';
import { readSettings } from '../settings.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';

const show = ({ ready, revision, switches, calls }: Readiness): string =>
  [
    `${ready ? 'ready' : 'not ready'} · ${calls} calls up · table revision ${revision}`,
    ...switches.map(({ name, connected }) => `  switch ${name}: ${connected ? 'connected' : 'not connected'}`),
  ].join('\n');

async function ask(url: string): Promise<Readiness | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as Readiness;
  } catch {
    return undefined; // whatever the reason, nobody usable is there
  }
}

async function status(terminal: Terminal, json: boolean): Promise<ExitCode> {
  const { host, port } = readSettings(process.env).http;
  const url = `http://${host}:${port}`;
  const readiness = await ask(url);
  if (readiness === undefined) {
    terminal.err(`no controller answers at ${url}: start it with npm start`);
    return 3;
  }
  terminal.out(json ? JSON.stringify(readiness) : show(readiness));
  return readiness.ready ? 0 : 1;
}

export const addStatus: AddCommand = (program, terminal, run) => {
  program
    .command('status')
    .description('whether the running service is ready, and how many calls are up')
    .option('--json', 'print the answer as JSON')
    .action(run((options: { json?: boolean }) => status(terminal, options.json === true)));
};
