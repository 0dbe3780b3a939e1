/** Hang-up causes, both ways. Sources: ITU-T Q.850 for the numbers, FreeSWITCH's `switch_types.h` for the names. */
import type { HangupCause } from '../port.ts';

/** What we hang a caller up with; `unallocated` reaches SIP as 404, `no-answer` of an answered call as BYE. */
export const CAUSE_NAMES: Readonly<Record<HangupCause, string>> = {
  normal: 'NORMAL_CLEARING',
  'no-answer': 'NO_ANSWER',
  unallocated: 'UNALLOCATED_NUMBER',
  failure: 'NETWORK_OUT_OF_ORDER',
};

/** A leg that we let go of. */
export const LET_GO = 'NORMAL_CLEARING';

const Q850: Readonly<Record<string, number>> = {
  UNALLOCATED_NUMBER: 1,
  NO_ROUTE_TRANSIT_NET: 2,
  NO_ROUTE_DESTINATION: 3,
  SUBSCRIBER_ABSENT: 20,
  NUMBER_CHANGED: 22,
  EXCHANGE_ROUTING_ERROR: 25,
  DESTINATION_OUT_OF_ORDER: 27,
  INVALID_NUMBER_FORMAT: 28,
  FACILITY_REJECTED: 29,
  NORMAL_CIRCUIT_CONGESTION: 34,
  NETWORK_OUT_OF_ORDER: 38,
  NORMAL_TEMPORARY_FAILURE: 41,
  SWITCH_CONGESTION: 42,
  REQUESTED_CHAN_UNAVAIL: 44,
  FACILITY_NOT_SUBSCRIBED: 50,
  BEARERCAPABILITY_NOTAUTH: 57,
  BEARERCAPABILITY_NOTAVAIL: 58,
  SERVICE_UNAVAILABLE: 63,
  BEARERCAPABILITY_NOTIMPL: 65,
  CHAN_NOT_IMPLEMENTED: 66,
  FACILITY_NOT_IMPLEMENTED: 69,
  SERVICE_NOT_IMPLEMENTED: 79,
  INCOMPATIBLE_DESTINATION: 88,
  INTERWORKING: 127,
  // FreeSWITCH's own, which Q.850 has no number for; the nearest stands in.
  USER_NOT_REGISTERED: 20,
  INVALID_GATEWAY: 27,
  GATEWAY_DOWN: 27,
  INVALID_URL: 28,
  CHAN_NOT_FOUND: 27,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  CALL_REJECTED: 21,
  NORMAL_UNSPECIFIED: 31,
  RECOVERY_ON_TIMER_EXPIRE: 102,
  ORIGINATOR_CANCEL: 16,
  PROGRESS_TIMEOUT: 19,
  ALLOTTED_TIMEOUT: 19,
  LOSE_RACE: 26,
};

/** Q.850 number of a cause; 0 for one that has none. */
export const q850Of = (cause: string): number => Q850[cause] ?? 0;
