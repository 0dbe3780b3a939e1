/** A call detail record, as a PBX writes them beside the feed: whichever PBX it is. */
export interface Cdr {
  /** The PBX's own id of the caller's channel. */
  readonly id: string;
  readonly at: Date;
  readonly context: string;
  readonly dialled: string;
  readonly caller: string;
  readonly disposition: string;
}
