/**
 * Call detail records, which a PBX writes by itself beside our feed: one CSV line each. The format of a line is found by
 * its look. To support another format, add it to `FORMATS`.
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

interface CdrFormat {
  /** Whether a line with these fields looks like one. */
  fits(fields: readonly string[]): boolean;
  /** @returns undefined: of another channel than a caller's. */
  read(fields: readonly string[]): Cdr | undefined;
}

/** Local time or UTC, depending on how the PBX is set up. */
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

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

/** Asterisk, cdr_custom as docs/feed.md has it: uniqueid, linkedid, start (Unix), context, dialled, from, disposition, channel. */
const custom: CdrFormat = {
  fits: (fields) => fields.length === 8 && /^\d+\.\d+$/.test(fields[2] ?? ''),
  read: (fields) => {
    const [id = '', linked, start, context = '', dialled = '', caller = '', disposition = ''] = fields;
    if (id !== linked) return undefined; // they are the same on the channel that began the call
    return { id, at: new Date(Number(start) * 1000), context, dialled, caller, disposition };
  },
};

/** Asterisk, cdr_csv with `loguniqueid` and `usegmtime`. */
const csv: CdrFormat = {
  fits: (fields) => fields.length >= 17 && STAMP.test(fields[9] ?? ''),
  read: (fields) => {
    const [caller = '', dialled = '', context = ''] = fields.slice(1);
    const [start, disposition = '', id = ''] = [fields[9], fields[14], fields[16]];
    return { id, at: new Date(`${start?.replace(' ', 'T')}Z`), context, dialled, caller, disposition };
  },
};

/** Id of a channel; the id of a leg begins with that of its caller. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(~[^~]*)*$/;

/** FreeSWITCH, mod_cdr_csv, template `example`. */
const example: CdrFormat = {
  fits: (fields) => UUID.test(fields[10] ?? '') && STAMP.test(fields[4] ?? ''),
  read: (fields) => {
    const [caller = '', dialled = '', context = '', start] = fields.slice(1);
    const [disposition = '', id = ''] = fields.slice(9);
    return { id, at: new Date(start ?? ''), context, dialled, caller, disposition };
  },
};

const FORMATS: readonly CdrFormat[] = [custom, csv, example];

/** Part of the id of every leg that the controller has dialled, on either PBX. */
const LEG = '~';

/** @returns `unknown` for a line of no known format; undefined for a channel that is not a caller's. */
export function readCdr(line: string): Cdr | 'unknown' | undefined {
  const fields = fieldsOf(line);
  const format = FORMATS.find((each) => each.fits(fields));
  if (format === undefined) return 'unknown';
  const cdr = format.read(fields);
  return cdr === undefined || cdr.id === '' || cdr.id.includes(LEG) || Number.isNaN(cdr.at.getTime()) ? undefined : cdr;
}
