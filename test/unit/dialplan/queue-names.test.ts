/**
 * A queue's name on the PBX has two makers that may not know each other: the dialplan's generator, which writes the
 * queue, and the adapter, which dials it. A queue of any other name would ring nobody.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queueSections } from '../../../src/dialplan/asterisk/queues.ts';
import { skillQueueName as written } from '../../../src/dialplan/queue-members.ts';
import type { Table } from '../../../src/routing/table.ts';
import { skillQueueName as dialled, dialling } from '../../../src/switch/asterisk/dial.ts';
import { skillQueueName as dialledByFreeSwitch } from '../../../src/switch/freeswitch/dial.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';

const { table } = (await loadTable('config/routes.yaml')) as { table: Table };
const who = { name: '', number: null, hotline: '12329', region: 'xiamen' };

test('the adapter dials every queue of the table, and every skill of it, by the name it is written with', () => {
  const names = [...queueSections(table).matchAll(/^\[(.+)\]$/gm)].map(([, name]) => name);
  const endpoints = [...table.queues.values()].flatMap(({ name: queue, skills }) =>
    [undefined, ...skills].map(
      (skill) => dialling({ kind: 'queue', queue, skill, waitSeconds: 60 }, who, 'call', 'leg').endpoint,
    ),
  );
  expect(endpoints).toEqual(names.map((name) => `Local/${name}@hotline-queue/n`));
  expect(endpoints.some((endpoint) => endpoint.includes('skill'))).toBe(true);
});

test('whatever queue and skill are called, all name them alike', () => {
  const isOneName = (queue: string, skill: string) => {
    const name = written(queue, skill);
    return name === dialled(queue, skill) && name === dialledByFreeSwitch(queue, skill);
  };
  fc.assert(fc.property(fc.string(), fc.string(), isOneName));
});
