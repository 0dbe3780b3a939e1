/**
 * Call detail records as PBXs write them, one CSV line each; which kind a line is, its looks tell:
 *  - Asterisk, cdr_custom as docs/feed.md has it: uniqueid, linkedid, start (Unix), context, dialled, from, disposition, channel
 *  - Asterisk, cdr_csv with `loguniqueid` and `usegmtime`
 *  - FreeSWITCH, mod_cdr_csv, template `example`
 */

export interface Cdr {
  /** The PBX's own id of the caller's channel. */
  readonly id: string;
  readonly at: Date;
  readonly context: string;
  readonly dialled: string;
  readonly caller: string;
  readonly disposition: string;
}

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

/** Of a channel on FreeSWITCH; of a leg, by its caller's. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(~[^~]*)*$/;
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
/** In the ids of legs that the controller has dialled, on either PBX. */
const LEG = '~';

/** Uniqueid and linkedid are the same on the channel that began the call. */
const customOf = (fields: readonly string[]): Cdr | undefined => {
  const [id = '', linked, start, context = '', dialled = '', caller = '', disposition = ''] = fields;
  if (id !== linked) return undefined;
  return { id, at: new Date(Number(start) * 1000), context, dialled, caller, disposition };
};

const csvOf = (fields: readonly string[]): Cdr | undefined => {
  const [caller = '', dialled = '', context = ''] = fields.slice(1);
  const [start, disposition = '', id = ''] = [fields[9], fields[14], fields[16]];
  return { id, at: new Date(`${start?.replace(' ', 'T')}Z`), context, dialled, caller, disposition };
};

const freeSwitchOf = (fields: readonly string[]): Cdr | undefined => {
  const [caller = '', dialled = '', context = '', start] = fields.slice(1);
  const [disposition = '', id = ''] = fields.slice(9);
  return { id, at: new Date(start ?? ''), context, dialled, caller, disposition };
};

const kindOf = (fields: readonly string[]): ((fields: readonly string[]) => Cdr | undefined) | undefined => {
  if (fields.length === 8 && /^\d+\.\d+$/.test(fields[2] ?? '')) return customOf;
  if (fields.length >= 17 && STAMP.test(fields[9] ?? '')) return csvOf;
  return UUID.test(fields[10] ?? '') && STAMP.test(fields[4] ?? '') ? freeSwitchOf : undefined;
};

/** `unknown`: the line is none of the three · undefined: of another channel than a caller's. */
export function readCdr(line: string): Cdr | 'unknown' | undefined {
  const fields = fieldsOf(line);
  const read = kindOf(fields);
  if (read === undefined) return 'unknown';
  const cdr = read(fields);
  return cdr === undefined || cdr.id === '' || cdr.id.includes(LEG) || Number.isNaN(cdr.at.getTime()) ? undefined : cdr;
}
