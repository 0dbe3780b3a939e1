/** `/api/numbers`: what the live table has, as far as people who watch need it. */
import type { FastifyInstance } from 'fastify';
import type { Table } from '../../routing/table.ts';
import { MAY } from '../access/roles.ts';
import { anyObject } from './shape.ts';

export interface NumbersShown {
  readonly revision: string;
  readonly timeZone: string;
  readonly numbers: readonly { readonly number: string; readonly unit: string; readonly mode: string }[];
  readonly regions: readonly { readonly id: string; readonly name: string }[];
  /** Queues and seats, by their ids. */
  readonly destinations: readonly {
    readonly id: string;
    readonly label: string;
    /** Phones that may answer; 0: the platform keeps them, or the PBX. */
    readonly phones: number;
  }[];
}

const numbersShown = ({ revision, clock, numbers, regions, queues, seats }: Table): NumbersShown => ({
  revision,
  timeZone: clock.timeZone,
  numbers: Array.from(numbers.values(), ({ number, unit, mode }) => ({ number, unit, mode })),
  regions: Array.from(regions.values(), ({ id, name }) => ({ id, name })),
  destinations: [
    ...Array.from(queues.values(), ({ id, label, members, skillMembers }) => ({
      id,
      label,
      phones: members.length + [...skillMembers.values()].flat().length,
    })),
    ...Array.from(seats.values(), ({ id, label, endpoints }) => ({ id, label, phones: endpoints.length })),
  ],
});

export function addNumbersRoute(api: FastifyInstance, table: () => Table): void {
  const schema = { operationId: 'listNumbers', summary: 'Numbers, regions, queues and seats of the live table' };
  const shown = { ...schema, tags: ['service'], response: { 200: anyObject } };
  api.get('/numbers', { config: { roles: MAY.see }, schema: shown }, async () => numbersShown(table()));
}
