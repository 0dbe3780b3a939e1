/** 转接机制: whose agents may hand a caller to whom. Written by patterns, compiled to lists. Pure. */
import type { DestinationId, Table } from './table.ts';

/** Whether an id is what a pattern says; each part is looked for once, so that no pattern takes long. */
const fits = ([first = '', ...rest]: readonly string[], id: string): boolean => {
  const last = rest.at(-1);
  if (last === undefined) return id === first;
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = id.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= id.length - last.length;
};

/** What `queue:12345-*` stands for. */
export const matching = (pattern: string, ids: readonly DestinationId[]): readonly DestinationId[] => {
  const parts = pattern.split('*');
  return ids.filter((id) => fits(parts, id));
};

/** Lists by who hands over. Those who are named once share their list. */
export const compileTransfers = (
  transfers: ReadonlyMap<string, string | readonly string[]>,
  ids: readonly DestinationId[],
): ReadonlyMap<string, readonly DestinationId[]> => {
  const compiled = new Map<string, readonly DestinationId[]>();
  for (const [from, to] of transfers) {
    const targets = [...new Set([to].flat().flatMap((pattern) => matching(pattern, ids)))];
    for (const id of matching(from, ids)) {
      const before = compiled.get(id);
      compiled.set(id, before === undefined ? targets : [...new Set([...before, ...targets])]);
    }
  }
  return compiled;
};

/** Where the agents of a destination may hand a caller to; never back to itself. */
export const transfersFrom = (table: Table, destination: string): readonly DestinationId[] =>
  (table.transfers.get(destination) ?? []).filter((id) => id !== destination);
