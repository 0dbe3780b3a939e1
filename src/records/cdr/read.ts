/** Which kind of call detail record a line is, its looks tell. */

import { ASTERISK_FORMATS } from './asterisk.ts';
import type { Cdr } from './cdr.ts';
import { fieldsOf } from './format.ts';
import { FREESWITCH_FORMATS } from './freeswitch.ts';

const FORMATS = [...ASTERISK_FORMATS, ...FREESWITCH_FORMATS];

/** In the ids of legs that the controller has dialled, on either PBX. */
const LEG = '~';

/** `unknown`: the line is of no format known here · undefined: of another channel than a caller's. */
export function readCdr(line: string): Cdr | 'unknown' | undefined {
  const fields = fieldsOf(line);
  const format = FORMATS.find((each) => each.fits(fields));
  if (format === undefined) return 'unknown';
  const cdr = format.read(fields);
  return cdr === undefined || cdr.id === '' || cdr.id.includes(LEG) || Number.isNaN(cdr.at.getTime()) ? undefined : cdr;
}
