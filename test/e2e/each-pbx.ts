/** A suite that holds on every kind of PBX. */
import { describe } from 'vitest';
import type { Table } from '../../src/routing/table.ts';
import { type AnyTestLab, openFreeSwitchTestLab, openTestLab } from './test-lab.ts';

export type OpenLab = (table?: Table) => Promise<AnyTestLab>;

/** Debian has no package of FreeSWITCH: its suite needs an installation that `FREESWITCH_HOME` names. */
export function onEachPbx(title: string, suite: (open: OpenLab) => void): void {
  const home = process.env.FREESWITCH_HOME;
  describe(`${title} (Asterisk)`, () => suite(openTestLab));
  if (home === undefined) describe.skip(`${title} (FreeSWITCH: FREESWITCH_HOME names none)`, () => suite(openTestLab));
  else describe(`${title} (FreeSWITCH)`, () => suite((table) => openFreeSwitchTestLab(home, table && { table })));
}
