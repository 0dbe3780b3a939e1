/** The settings file: YAML, with the place of each key. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { FileUnreadable, SettingsError } from '../base/errors.ts';

export interface Written {
  readonly value: Record<string, unknown>;
  /** `file:line:column` of a key's value; of the nearest key around it when that one is not written. */
  readonly placeOf: (keys: readonly PropertyKey[]) => string;
}

export function readYaml(file: string): Written {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const [wrong] = document.errors;
  if (wrong) {
    const { line, col } = wrong.linePos?.[0] ?? { line: 1, col: 1 };
    throw new SettingsError(`${file}:${line}:${col}: ${wrong.message.split('\n')[0]}`);
  }
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new SettingsError(`${file}: must hold keys and values`);
  const placeOf: Written['placeOf'] = (keys) => {
    const node: unknown = keys.length === 0 ? document.contents : document.getIn(keys, true);
    if (!isNode(node) || !node.range) return keys.length === 0 ? `${file}:1:1` : placeOf(keys.slice(0, -1));
    const { line, col } = lines.linePos(node.range[0]);
    return `${file}:${line}:${col}`;
  };
  return { value: value as Record<string, unknown>, placeOf };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FileUnreadable(file, isMissing ? 'no such file' : 'cannot be read');
  }
}
