/** A table of one merged number, enough for the lab to have a queue, seats and a trunk. */
import type { Queue, Seats, Table } from '../../../src/routing/table.ts';
import { ZoneClock } from '../../../src/routing/time/zone-clock.ts';

const xiamen: Queue = {
  id: 'queue:12345-xiamen',
  name: '12345-xiamen',
  label: '厦门',
  waitSeconds: 120,
  skills: ['12329'],
  members: ['xiamen-1'],
  skillMembers: new Map([['12329', ['xiamen-12329-1']]]),
  dial: undefined,
  announce: undefined,
  capacity: undefined,
  hours: undefined,
  record: false,
};

const humanResources: Seats = {
  id: 'seats:12333-xiamen',
  name: '12333-xiamen',
  label: '厦门人社',
  endpoints: ['seat-12333-1'],
  ring: 'together',
  ringSeconds: 20,
  hours: undefined,
  record: false,
  transferOnly: false,
};

export const tinyTable = (): Table => ({
  revision: '0000000000000000',
  clock: new ZoneClock('Asia/Shanghai'),
  hours: new Map(),
  callers: new Map(),
  regions: new Map([['xiamen', { id: 'xiamen', name: '厦门', areaCode: '0592' }]]),
  trunks: new Map([['xiamen-trunk', { id: 'xiamen-trunk', region: 'xiamen' }]]),
  prompts: new Map(['merged', 'busy'].map((id) => [id, { id, text: id, file: undefined }])),
  queues: new Map([[xiamen.id, xiamen]]),
  seats: new Map([[humanResources.id, humanResources]]),
  numbers: new Map(),
  apology: 'busy',
  mobilePrefixes: new Map(),
  transfers: new Map(),
  handOvers: { most: 5, supervisors: undefined },
  expectations: [],
});
