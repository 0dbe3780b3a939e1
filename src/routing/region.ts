/**
 * Which region a call belongs to. The first that answers wins (design §3): trunk, area code dialled, caller's area
 * code, caller's mobile prefix, province. 0591 means Fuzhou: Pingtan shares it and is known by its trunk only.
 */
import { type Dialled, readCaller } from './numbering.ts';
import type { CallFacts, RegionFound } from './routing.ts';
import { PROVINCE, type Table } from './table.ts';

const withAreaCode = (table: Table, areaCode: string | undefined): string | undefined => {
  if (areaCode === undefined) return undefined;
  for (const region of table.regions.values()) if (region.areaCode === areaCode) return region.id;
  return undefined;
};

/** The region of a call to one of the table's numbers, and what told it. */
export const findRegion = (table: Table, dialled: Dialled, facts: CallFacts): RegionFound => {
  const ofTrunk = facts.trunk === null ? undefined : table.trunks.get(facts.trunk)?.region;
  if (ofTrunk !== undefined) return { id: ofTrunk, from: 'trunk' };

  const ofDialled = withAreaCode(table, dialled.areaCode);
  if (ofDialled !== undefined) return { id: ofDialled, from: 'dialled-area-code' };

  const caller = readCaller(facts.caller, table);
  if (caller.kind === 'fixed') {
    const ofCaller = withAreaCode(table, caller.areaCode);
    if (ofCaller !== undefined) return { id: ofCaller, from: 'caller-area-code' };
  }
  if (caller.kind === 'mobile') {
    const ofPrefix = table.mobilePrefixes.get(caller.prefix);
    if (ofPrefix !== undefined) return { id: ofPrefix, from: 'caller-mobile-prefix' };
  }
  return { id: PROVINCE, from: 'default' };
};
