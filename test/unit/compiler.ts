/** What `tsc` says of our source after a change of one file that is made in memory only. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Change {
  /** From the root of the project, as all files here. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const changedText = ({ file, from, to }: Change): string => {
  const text = readFileSync(resolve(ROOT, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}: the change of this test is out of date`);
  return text.replace(from, to);
};

/** @param files looked at. @returns those of them that `tsc` refuses after the change. */
export function refusedAfter(change: Change, files: readonly string[], project = 'tsconfig.json'): readonly string[] {
  const { config } = ts.readConfigFile(resolve(ROOT, project), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve(ROOT, project, '..'));
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const changed = resolve(ROOT, change.file);
  const text = changedText(change);
  host.getSourceFile = (name, languageVersion, ...rest) =>
    resolve(name) === changed
      ? ts.createSourceFile(name, text, languageVersion)
      : getSourceFile(name, languageVersion, ...rest);
  const paths = files.map((file) => resolve(ROOT, file));
  const program = ts.createProgram(paths, options, host);
  if (program.getSourceFile(changed) === undefined) throw new Error(`none of the files knows ${change.file}`);
  return files.filter((file) => {
    const source = program.getSourceFile(resolve(ROOT, file));
    if (source === undefined) throw new Error(`there is no ${file}`);
    return program.getSemanticDiagnostics(source).length > 0;
  });
}
