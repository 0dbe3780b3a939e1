/** Call detail records of Asterisk. */
import { type CdrFormat, STAMP } from './format.ts';

/** cdr_custom as docs/feed.md has it: uniqueid, linkedid, start (Unix), context, dialled, from, disposition, channel. */
const custom: CdrFormat = {
  fits: (fields) => fields.length === 8 && /^\d+\.\d+$/.test(fields[2] ?? ''),
  read: (fields) => {
    const [id = '', linked, start, context = '', dialled = '', caller = '', disposition = ''] = fields;
    if (id !== linked) return undefined; // they are the same on the channel that began the call
    return { id, at: new Date(Number(start) * 1000), context, dialled, caller, disposition };
  },
};

/** cdr_csv with `loguniqueid` and `usegmtime`. */
const csv: CdrFormat = {
  fits: (fields) => fields.length >= 17 && STAMP.test(fields[9] ?? ''),
  read: (fields) => {
    const [caller = '', dialled = '', context = ''] = fields.slice(1);
    const [start, disposition = '', id = ''] = [fields[9], fields[14], fields[16]];
    return { id, at: new Date(`${start?.replace(' ', 'T')}Z`), context, dialled, caller, disposition };
  },
};

export const ASTERISK_FORMATS: readonly CdrFormat[] = [custom, csv];
