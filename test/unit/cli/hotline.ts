/** The command as an engineer types it, run in this process: what it prints and the code it returns are what is tried. */
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { ExitCode } from '../../../src/cli/command.ts';
import { runCommand } from '../../../src/cli/program.ts';

export const root = join(import.meta.dirname, '../../..');

export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export const hotline = async (...words: readonly string[]): Promise<Ended> => {
  const said = { out: '', err: '' };
  const code = await runCommand(words, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
};

/** Variables that commands find from here on, until the test is over. */
export const setEnvironment = (variables: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
};
