/** Call detail records of FreeSWITCH. */
import { type CdrFormat, STAMP } from './format.ts';

/** Of a channel; of a leg, by its caller's. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(~[^~]*)*$/;

/** mod_cdr_csv, template `example`. */
const example: CdrFormat = {
  fits: (fields) => UUID.test(fields[10] ?? '') && STAMP.test(fields[4] ?? ''),
  read: (fields) => {
    const [caller = '', dialled = '', context = '', start] = fields.slice(1);
    const [disposition = '', id = ''] = fields.slice(9);
    return { id, at: new Date(start ?? ''), context, dialled, caller, disposition };
  },
};

export const FREESWITCH_FORMATS: readonly CdrFormat[] = [example];
