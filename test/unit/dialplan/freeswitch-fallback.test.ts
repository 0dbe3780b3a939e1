/** FreeSWITCH's fallback dialplan sends every call where the controller would, and its files are what it can read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fallbackXml } from '../../../src/dialplan/freeswitch/fallback.ts';
import { freeSwitchFiles } from '../../../src/dialplan/freeswitch/files.ts';
import { QUEUE_ENGINES, type QueueEngineName } from '../../../src/dialplan/freeswitch/queues.ts';
import { route } from '../../../src/routing/plan.ts';
import type { ConnectStep, PlanStep } from '../../../src/routing/steps.ts';
import type { Table } from '../../../src/routing/table.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';
import { caller, dialled, numbers, table, trunk, withPrefixes } from './any-call.ts';
import { elementsOf, readDialplan, walk } from './xml-walk.ts';

const promptsDir = '/var/lib/hotline/prompts';
const at = new Date('2026-11-24T09:00:00+08:00');

/** The steps of a plan as the walk tells them: timers and jumps are looked at elsewhere. */
const connectSteps = (
  of: Table,
  { to, skill, ringSeconds, waitSeconds }: ConnectStep,
  queues: QueueEngineName,
): string[] => {
  const seats = of.seats.get(to);
  if (seats === undefined) {
    const queue = `${to.replace('queue:', '')}${skill === undefined ? '' : `-skill-${skill}`}`;
    return [`wait ${waitSeconds}`, queues === 'fifo' ? `fifo ${queue} in` : `callcenter ${queue}`];
  }
  const users = seats.endpoints.map((endpoint) => `user/${endpoint}`);
  const rounds = seats.ring === 'together' ? [users.join(',')] : users;
  return rounds.flatMap((round) => [`call_timeout=${ringSeconds}`, `bridge ${round}`]);
};

const stepsOf = (of: Table, step: PlanStep, queues: QueueEngineName): string[] => {
  if (step.do === 'play') return [`playback ${promptsDir}/${step.prompt}.wav`];
  if (step.do === 'connect') return connectSteps(of, step, queues);
  return step.do === 'answer' ? ['answer'] : ['hangup NO_ANSWER'];
};

const asTheController = (
  of: Table,
  queues: QueueEngineName,
  facts: { dialled: string; caller: string; trunk: string },
) => {
  const routing = route(of, { ...facts, trunk: facts.trunk || null }, new Date());
  if (routing.number === null) return { steps: ['hangup UNALLOCATED_NUMBER'] };
  const region = routing.region.id;
  const steps = routing.plan.flatMap((step) => stepsOf(of, step, queues));
  return { steps, region, name: `${routing.number} ${of.regions.get(region)?.name}` };
};

const plain = (steps: readonly string[]): string[] =>
  steps
    .filter((step) => !step.startsWith('sched_cancel'))
    .map((step) => step.replace(/^(?:hotline_wait=\$\{sched_api\(\+|fifo_orbit_exten=p[\d-]+:)(\d+).*$/, 'wait $1'));

describe.for([
  ['the live table, with mod_callcenter', table, 'callcenter'],
  ['the live table, with mod_fifo', table, 'fifo'],
  ['a table with mobile prefixes and trunks', withPrefixes, 'callcenter'],
] as const)('%s', ([, of, name]) => {
  const dialplan = readDialplan(fallbackXml(of, { promptsDir, queues: QUEUE_ENGINES[name], at }));

  test('any call goes where the controller would send it', () => {
    fc.assert(
      fc.property(dialled, caller, trunk, (...facts) => {
        const expected = asTheController(of, name, { dialled: facts[0], caller: facts[1], trunk: facts[2] });
        const { variables, steps } = walk(dialplan, ...facts);
        expect(plain(steps)).toEqual(expected.steps);
        if (expected.region === undefined) return;
        expect(variables.get('effective_caller_id_name')).toBe(expected.name);
        expect(variables.get('sip_h_X-Hotline')).toBe(expected.name.split(' ')[0]);
        expect(variables.get('sip_h_X-Hotline-Region')).toBe(expected.region);
      }),
      { numRuns: 2000 },
    );
  });

  test('every number in every region has its plan', () => {
    for (const region of of.regions.keys()) {
      const context = dialplan.get(`hotline-fallback-in-${region}`) ?? [];
      const expressions = context.map(({ children }) => children[0]?.attributes.get('expression') ?? '');
      const told = expressions.flatMap((expression) => expression.replace(/[^0-9|]/g, '').split('|'));
      expect(told.sort()).toEqual([...numbers].sort());
    }
  });
});

test('what goes on after a wait is the next step, whether the limit ends it or the queue does', () => {
  const { steps } = walk(
    readDialplan(fallbackXml(table, { promptsDir, queues: QUEUE_ENGINES.callcenter, at })),
    '059212333',
    '',
    '',
  );
  const [timer = ''] = steps.filter((step) => step.startsWith('hotline_wait'));
  expect(timer).toMatch(/^hotline_wait=\$\{sched_api\(\+120 hotline-wait-the-call uuid_transfer the-call p\d+-2 XML /);
  expect(steps.slice(steps.indexOf('callcenter 12345-xiamen') + 1)).toEqual([
    'sched_cancel hotline-wait-the-call',
    `playback ${promptsDir}/busy.wav`,
    'hangup NO_ANSWER',
  ]);
});

test('with mod_fifo a wait has its limit, and what follows it, from the plan', () => {
  const { variables, steps } = walk(
    readDialplan(fallbackXml(table, { promptsDir, queues: QUEUE_ENGINES.fifo, at })),
    '059212333',
    '',
    '',
  );
  expect(variables.get('fifo_orbit_exten')).toMatch(/^p\d+-2:120$/);
  expect(variables.get('fifo_orbit_context')).toBe('hotline-fallback-plans');
  expect(variables.get('fifo_export')).toBe('sip_h_X-Hotline,sip_h_X-Hotline-Region,sip_h_X-Hotline-Call');
  expect(steps.slice(steps.indexOf('fifo 12345-xiamen in') + 1)).toEqual([
    `playback ${promptsDir}/busy.wav`,
    'hangup NO_ANSWER',
  ]);
});

test('with mod_fifo an agent’s phone shows hotline, city and number, which it takes from the caller’s channel', () => {
  const dialplan = readDialplan(fallbackXml(table, { promptsDir, queues: QUEUE_ENGINES.fifo, at }));
  const shown = (from: string) => {
    const { profile } = walk(dialplan, '059212301', from, '');
    return [profile.get('caller_id_name'), profile.get('caller_id_number')];
  };
  expect(shown('05922001234')).toEqual(['12301 厦门', '05922001234']);
  expect(shown('')).toEqual(['12301 厦门', 'anonymous']);
});

test('whoever withholds the number is shown as anonymous, and nothing of an earlier controller is left', () => {
  const dialplan = readDialplan(fallbackXml(table, { promptsDir, queues: QUEUE_ENGINES.callcenter, at }));
  const shown = (from: string) => walk(dialplan, '12301', from, '').variables.get('effective_caller_id_number');
  expect([shown(''), shown('anonymous'), shown('05922001234')]).toEqual(['anonymous', 'anonymous', '05922001234']);
  expect(walk(dialplan, '12301', '', '').variables.has('transfer_after_bridge')).toBe(false);
});

const places = { controllers: ['10.0.0.1:8084', '10.0.0.2:8084'], promptsDir, queues: 'callcenter', at } as const;
const files = freeSwitchFiles(table, places);

test('the same table gives the same bytes, and each file says which revision it is of', async () => {
  expect(freeSwitchFiles((await loadTable('config/routes.yaml')).table as Table, places)).toEqual(files);
  for (const text of Object.values(files)) expect(text.split('\n')[0]).toContain(`revision ${table.revision}`);
});

test('the preprocessor of FreeSWITCH finds the controllers on a line of their own, and nothing else to obey', () => {
  const obeyed = Object.values(files).flatMap((text) =>
    text.split('\n').filter((line) => line.includes('X-PRE-PROCESS')),
  );
  expect(obeyed).toEqual(['<X-PRE-PROCESS cmd="set" data="hotline_controllers=10.0.0.1:8084|10.0.0.2:8084"/>']);
});

test('every queue that is waited in, and every agent of a tier, is there', () => {
  const told = (file: string, element: string, key: string) =>
    elementsOf(files[file] ?? '', element).map((attributes) => attributes.get(key));
  const queues = told('hotline-queues.xml', 'queue', 'name');
  const waited = [...(files['hotline-fallback.xml'] ?? '').matchAll(/"callcenter" data="([^"]+)"/g)];
  expect(queues).toEqual(expect.arrayContaining(waited.map(([, name]) => name)));
  expect(new Set(told('hotline-tiers.xml', 'tier', 'queue'))).toEqual(new Set(queues));
  expect(new Set(told('hotline-tiers.xml', 'tier', 'agent'))).toEqual(
    new Set(told('hotline-agents.xml', 'agent', 'name')),
  );
  expect(told('hotline-tiers.xml', 'tier', 'agent')).toContain('12329-xiamen-1');
});

test('with mod_fifo every queue that is waited in is there, and every member has one id in all of them', () => {
  const ofFifo = freeSwitchFiles(table, { ...places, queues: 'fifo' });
  expect(Object.keys(ofFifo).sort()).toEqual(['hotline-fallback.xml', 'hotline-fifos.xml', 'hotline-vars.xml']);
  const text = ofFifo['hotline-fifos.xml'] ?? '';
  const queues = [...text.matchAll(/<fifo name="([^"]+)"/g)].map(([, name]) => name);
  const waited = [...(ofFifo['hotline-fallback.xml'] ?? '').matchAll(/"fifo" data="(\S+) in"/g)];
  expect(waited.length).toBeGreaterThan(0);
  expect(queues).toEqual(expect.arrayContaining(waited.map(([, name]) => name)));
  expect(text.split('\n')).toContain(
    '<member timeout="15" simo="1" lag="0">{fifo_outbound_uuid=12329-xiamen-1,fifo_consumer_id=12329-xiamen-1,fifo_consumer_exit_key=none,ignore_early_media=true}user/12329-xiamen-1</member>',
  );
});

test('names of the table end no attribute, no comment and no line, and FreeSWITCH expands nothing in them', () => {
  const name = `厦门"/><action application="system" data="\${system(x)}$\${y}\n-->'&`;
  const regions = new Map([...table.regions].map(([id, region]) => [id, { ...region, name }]));
  const trunks = new Map([['a.b', { id: 'a.b', region: 'xiamen' }]]);
  const text = fallbackXml({ ...table, regions, trunks }, { promptsDir, queues: QUEUE_ENGINES.callcenter, at });
  expect(text).not.toMatch(/system\(|application="system"|\$\$|<!--(?:(?!-->).)*\n/);
  expect(walk(readDialplan(text), '12301', '', 'a.b').variables.get('hotline_region')).toBe('xiamen');
  expect(walk(readDialplan(text), '12301', '', 'axb').variables.get('hotline_region')).toBe('province');
});

test('seats beyond a trunk are dialled over the gateway of its name', () => {
  const seats = new Map(
    [...table.seats].map(([id, each]) => [id, { ...each, endpoints: ['05911234567@carrier', 'desk.1'] }]),
  );
  const { steps } = walk(
    readDialplan(fallbackXml({ ...table, seats }, { promptsDir, queues: QUEUE_ENGINES.callcenter, at })),
    '12313',
    '',
    '',
  );
  expect(steps).toContain('bridge sofia/gateway/carrier/05911234567,user/desk.1');
});
