/** Phones of a FreeSWITCH PBX. Pure. */

/** An agent's phone rings this long before a queue asks the next. */
export const RING_SECONDS = 15;

/** What FreeSWITCH dials for an endpoint: `name` is a user of its directory, `number@trunk` goes over a gateway. */
export const dialString = (endpoint: string): string => {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
};
