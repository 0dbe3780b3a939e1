/** Names in Redis. */

/** The stream every record goes to; field `record` holds the JSON. */
export const RECORD_STREAM = 'hotline:records';
/** Hash: spool → number of the next record, and the id of the last entry. */
export const POSITIONS = 'hotline:feed:positions';
/** Hash: sink → id of the last entry it has confirmed. */
export const DELIVERED = 'hotline:feed:delivered';
/** Hash: sink → its health, as its deliverer sees it. */
export const SINKS = 'hotline:feed:sinks';
/** Hash: who is to be called back. */
export const MISSED = 'hotline:missed';

export const groupOf = (sink: string): string => `sink:${sink}`;
export const leaseOf = (sink: string): string => `hotline:feed:lease:${sink}`;
