/** What call detail records have in common, of whichever PBX: one CSV line each. */
import type { Cdr } from './cdr.ts';

export interface CdrFormat {
  /** Whether a line with these fields looks like one. */
  fits(fields: readonly string[]): boolean;
  /** @returns undefined: of another channel than a caller's. */
  read(fields: readonly string[]): Cdr | undefined;
}

/** Local time or UTC, as the PBX is set up. */
export const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** Fields of one CSV line; a quotation mark inside a quoted field is doubled. */
export function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  const field = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/y;
  for (let found = field.exec(line); found !== null && field.lastIndex <= line.length; found = field.exec(line)) {
    fields.push((found[1] ?? found[2] ?? '').replaceAll('""', '"'));
    if (field.lastIndex === line.length) break;
  }
  return fields;
}
