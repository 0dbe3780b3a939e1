/** Names in Redis. */

/** The stream every record goes to; field `record` holds the JSON, `n` counts the entries there ever were. */
export const RECORD_STREAM = 'hotline:records';
/** Hash: spool → number of the next record, and the id of the last entry. */
export const POSITIONS = 'hotline:feed:positions';
/** Hash: sink → id of the last entry it has confirmed. */
export const DELIVERED = 'hotline:feed:delivered';
/** How many entries the stream was given so far: `n` of the last. */
export const APPENDED = 'hotline:feed:appended';
/** Hash: sink → `n` of the last entry it has confirmed. */
export const REACHED = 'hotline:feed:reached';
/** Hash: sink → entries that the stream dropped before the sink had them, as far as the sink has come. */
export const DROPPED = 'hotline:feed:dropped';
/** Hash: sink → its health, as its deliverer sees it. */
export const SINKS = 'hotline:feed:sinks';
/** Hash: who is to be called back. */
export const MISSED = 'hotline:missed';

export const groupOf = (sink: string): string => `sink:${sink}`;
export const leaseOf = (sink: string): string => `hotline:feed:lease:${sink}`;
