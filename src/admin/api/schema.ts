/** Pieces of schemas that routes share. A body or a query is accepted as it is, or refused. */

/** An object whose keys are described elsewhere. */
export const anyObject = { type: 'object', additionalProperties: true } as const;

export const listOf = (items: object) => ({ type: 'array', items }) as const;

export const strictObject = (properties: object, required: readonly string[] = []) =>
  ({ type: 'object', additionalProperties: false, properties, required }) as const;

/** `?limit=50`, 1 to 999: a query's values are text. */
export const limitQuery = strictObject({ limit: { type: 'string', pattern: '^[1-9]\\d{0,2}$' } });

export interface LimitQuery {
  readonly limit?: string;
}

export const limitOf = ({ limit }: LimitQuery, usual: number): number => Number(limit ?? usual);

/** Ids of calls as every PBX makes them. */
export const callId = { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^/\\s\\u0000-\\u001f]+$' } as const;
