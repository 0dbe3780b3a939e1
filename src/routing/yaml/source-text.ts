/** A file as it was read → text, or the place where it is not UTF-8. */
import { type Problem, tableProblem } from '../problems.ts';

/** Bytes are taken too, so that a file that is not UTF-8 is a problem like any other. */
export interface Source {
  readonly file: string;
  readonly text: string | Uint8Array;
}

/** 10,000 rules are 1.2 MB, and the library takes a hundred times the text in memory. */
const mostBytes = 8 * 1024 * 1024;

const notUtf8 = (file: string, bytes: Uint8Array): Problem => {
  const text = new TextDecoder('utf-8').decode(bytes);
  const before = text.slice(0, Math.max(0, text.indexOf('\ufffd'))).split('\n');
  const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return tableProblem('NOT_UTF8', 'bytes that are not UTF-8; save the file as UTF-8', place);
};

/** The text of a source; `problem` when there is none to be had. */
export const readText = ({ file, text }: Source): { text: string; problem?: Problem } => {
  const start = { file, line: 1, column: 1 };
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) {
    return { text: '', problem: tableProblem('NOT_UTF8', 'neither text nor bytes', start) };
  }
  if (text.length > mostBytes) {
    const message = `larger than ${mostBytes / 1024 / 1024} MB`;
    return { text: '', problem: tableProblem('TABLE_TOO_LARGE', message, start) };
  }
  if (typeof text === 'string') return { text };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(text) };
  } catch {
    return { text: '', problem: notUtf8(file, text) };
  }
};
