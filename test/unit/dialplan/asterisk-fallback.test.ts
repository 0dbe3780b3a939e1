/** The fallback dialplan sends every call where the controller would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fallbackConf } from '../../../src/dialplan/asterisk/fallback.ts';
import { asteriskFiles } from '../../../src/dialplan/asterisk/files.ts';
import { planLines } from '../../../src/dialplan/asterisk/plan.ts';
import { QUEUE_ENGINES } from '../../../src/dialplan/freeswitch/queues.ts';
import { route } from '../../../src/routing/plan.ts';
import type { Table } from '../../../src/routing/table.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';
import { caller, dialled, numbers, table, trunk, withPrefixes } from './any-call.ts';
import { readDialplan, walk } from './dialplan-walk.ts';

const promptsDir = '/var/lib/hotline/prompts';
const at = new Date('2026-11-24T09:00:00+08:00');
const asTheController = (of: Table, facts: { dialled: string; caller: string; trunk: string }) => {
  const routing = route(of, { ...facts, trunk: facts.trunk || null }, new Date());
  if (routing.number === null) return { region: '', name: '', steps: ['Hangup(1)'] };
  const region = routing.region.id;
  const steps = planLines(of, promptsDir, routing.plan);
  return { region, name: `${routing.number} ${of.regions.get(region)?.name}`, steps };
};

const applications = (steps: readonly string[]) => steps.filter((step) => /^(?!Set)/.test(step));

describe.for([
  ['the live table', table],
  ['a table with mobile prefixes and trunks', withPrefixes],
] as const)('%s', ([, of]) => {
  const dialplan = readDialplan(fallbackConf(of, { promptsDir, at }));

  test('any call goes where the controller would send it', () => {
    fc.assert(
      fc.property(dialled, caller, trunk, (...facts) => {
        const expected = asTheController(of, { dialled: facts[0], caller: facts[1], trunk: facts[2] });
        const { region, name, steps } = walk(dialplan, ...facts);
        expect(applications(steps)).toEqual(expected.steps);
        if (expected.region !== '') expect({ region, name }).toEqual({ region: expected.region, name: expected.name });
      }),
      { numRuns: 3000 },
    );
  });

  test('every number in every region has its plan', () => {
    for (const region of of.regions.keys())
      expect(dialplan.get(`hotline-fallback-in-${region}`)?.map(({ exten }) => exten)).toEqual(numbers);
  });

  test('nothing is dialled that the table does not name', () => {
    const endpoints = [...of.seats.values()].flatMap((seats) => (seats.transferOnly ? [] : seats.endpoints));
    const queues = [...of.queues.values()].flatMap(({ name, skills }) => [
      name,
      ...skills.map((skill) => `${name}-skill-${skill}`),
    ]);
    const text = fallbackConf(of, { promptsDir, at });
    const dialledThere = [...text.matchAll(/PJSIP\/([\w.@+-]+)/g)].map(([, name]) => name);
    const queuedThere = [...text.matchAll(/Queue\(([\w-]+),/g)].map(([, name]) => name);
    expect(new Set(dialledThere)).toEqual(new Set(endpoints));
    expect(queues).toEqual(expect.arrayContaining([...new Set(queuedThere)]));
  });
});

test('the same table gives the same bytes, and each file says which revision it is of', async () => {
  const places = { apps: ['hotline-a', 'hotline-b'], promptsDir, at };
  const files = asteriskFiles(table, places);
  const again = asteriskFiles((await loadTable('config/routes.yaml')).table as Table, places);
  expect(again).toEqual(files);
  for (const text of Object.values(files)) expect(text.split('\n')[0]).toContain(`revision ${table.revision}`);
  expect(files['hotline-globals.conf']).toContain('HOTLINE_APP=hotline-a&hotline-b\n');
  expect(files['hotline-queues.conf']).not.toContain('[general]');
});

test('a plan is one line each: prompt, seats together or in order, the skilled queue first, apology', () => {
  const planOf = (to: string) =>
    applications(walk(readDialplan(fallbackConf(table, { promptsDir, at })), to, '', '').steps);
  expect(planOf('059212333')).toEqual([
    'Answer()',
    'Playback(/var/lib/hotline/prompts/merged)',
    'Dial(PJSIP/12333-xiamen-1&PJSIP/12333-xiamen-2,20,rIb(hotline-agent^s^1))',
    'Queue(12345-xiamen,Ib(hotline-agent^s^1),,,120)',
    'Playback(/var/lib/hotline/prompts/busy)',
    'Hangup(19)',
  ]);
  expect(planOf('12329').filter((step) => step.startsWith('Dial'))).toEqual([
    'Dial(PJSIP/12329-province-1,12,rIb(hotline-agent^s^1))',
    'Dial(PJSIP/12329-province-2,12,rIb(hotline-agent^s^1))',
  ]);
  expect(planOf('059512329').filter((step) => step.startsWith('Queue'))).toEqual([
    'Queue(12345-quanzhou-skill-12329,Ib(hotline-agent^s^1),,,120)',
    'Queue(12345-quanzhou,Ib(hotline-agent^s^1),,,120)',
  ]);
  expect(planOf('99999')).toEqual(['Hangup(1)']);
});

test("what Asterisk would read as its own is left out of a region's name", () => {
  const regions = new Map([...table.regions].map(([id, region]) => [id, { ...region, name: `厦门),\${SHELL(x)};"` }]));
  expect(fallbackConf({ ...table, regions }, { promptsDir, at })).not.toMatch(/SHELL\(|厦门\)/);
});

describe('a table that goes by hours, dates, trunks and callers', async () => {
  const { table: whole } = (await loadTable('test/fixtures/tables/whole.yaml', at)) as { table: Table };

  test('is put down as it stands at one time, and the file says what it leaves out', () => {
    const text = fallbackConf(whole, { promptsDir, at });
    expect(text).toContain('; Hours and dates are as they stood at Tue 2026-11-24 09:00 Asia/Shanghai: ');
    expect(text).toContain('; Rules that ask for a trunk or a caller are left out.');
    const planAt = (time: string) => {
      const dialplan = readDialplan(fallbackConf(whole, { promptsDir, at: new Date(time) }));
      return applications(walk(dialplan, '059212333', '', 'zhejiang').steps).filter((step) =>
        /^(Dial|Queue)/.test(step),
      );
    };
    expect(planAt('2026-11-24T09:00:00+08:00')).toEqual([
      'Dial(PJSIP/seat-1,20,rIb(hotline-agent^s^1))',
      'Dial(PJSIP/seat-2,20,rIb(hotline-agent^s^1))',
      'Queue(12345-xiamen,Ib(hotline-agent^s^1),,,120)',
    ]);
    expect(planAt('2026-11-24T20:00:00+08:00')).toEqual(['Queue(12345-xiamen,Ib(hotline-agent^s^1),,,120)']);
    expect(planAt('2027-01-15T20:00:00+08:00')).toEqual(['Queue(12345-province,Ib(hotline-agent^s^1),,,90)']);
  });

  test('gives queues their announcements and their capacity, and keeps no queue of another platform', () => {
    const queues = asteriskFiles(whole, { apps: ['hotline'], promptsDir, at })['hotline-queues.conf'] ?? '';
    const province = queues.slice(queues.indexOf('[12345-province]'));
    for (const line of ['announce-frequency = 45', 'announce-position = yes', 'announce-holdtime = yes', 'maxlen = 30'])
      expect(province).toContain(`${line}\n`);
    expect(queues).not.toContain('zhejiang');
    for (const engine of Object.values(QUEUE_ENGINES)) {
      const text = Object.values(engine.files(whole)).flat().join('\n');
      expect(text).toMatch(/<!-- 12345-province: .* left out -->/);
      expect(text).not.toContain('zhejiang');
    }
  });

  test('says nothing of what it leaves out where it leaves nothing out', () => {
    expect(fallbackConf(table, { promptsDir, at })).not.toContain('left out');
    expect(fallbackConf(table, { promptsDir, at: new Date(0) })).toBe(fallbackConf(table, { promptsDir, at }));
  });
});
