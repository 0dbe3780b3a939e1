/** Controllers as processes of their own, on a real Redis that may die. */
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { FleetCalls } from '../../src/fleet/calls-elsewhere.ts';
import { RedisBus } from '../../src/fleet/redis-bus.ts';
import { CanaryWatch } from '../../src/tables/fleet/canary.ts';
import { RedisFleet } from '../../src/tables/fleet/redis.ts';
import { bench, commented, given, liveText, movedText, quiet } from '../unit/tables/rig.ts';
import { type TableService, tableService, testRedis } from './table-service.ts';

const soon = { timeout: 10_000, interval: 50 };

const three = async (redis: string): Promise<readonly [TableService, TableService, TableService]> => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => tableService(name, liveText, { redis })));
  if (!a || !b || !c) throw new Error('three were asked for');
  await vi.waitFor(async () => expect((await a.table()).fleet?.controllers).toHaveLength(3), soon);
  return [a, b, c];
};

const reload = async (on: TableService, text: string): Promise<{ revision: string }> => {
  const answer = await on.ask('POST', '/api/table/reload', { yes: true, table: { text } });
  const told = (await answer.json()) as { revision: string };
  expect(answer.status, JSON.stringify(told)).toBe(200);
  return told;
};

const allAt = (services: readonly TableService[], revision: string) =>
  vi.waitFor(async () => {
    const shown = await Promise.all(services.map((each) => each.table()));
    expect(shown.map((each) => each.revision)).toEqual(services.map(() => revision));
  }, soon);

/** When a service had a revision live, by its own log. */
const movedAt = ({ log }: TableService, revision: string): number =>
  Date.parse(log.findLast((line) => line.revision === revision && /^the (table|fleet)/.test(line.msg))?.time ?? '');

test('three controllers move to a new revision within 200 ms of each other, and each acknowledges it', async () => {
  const redis = await testRedis();
  const services = await three(redis.url);
  const spreads: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    const { revision } = await reload(services[n % 3] ?? services[0], commented(`change ${n}`));
    await allAt(services, revision);
    const moments = services.map((each) => movedAt(each, revision));
    spreads.push(Math.max(...moments) - Math.min(...moments));
  }
  process.stdout.write(`moved within ${spreads.join(', ')} ms of each other\n`);
  expect(Math.max(...spreads)).toBeLessThan(200);
  await vi.waitFor(async () => {
    const { fleet, revision } = await services[0].table();
    expect(fleet?.controllers.map(({ name, outcome, ...of }) => [name, outcome, of.revision])).toEqual(
      ['a', 'b', 'c'].map((name) => [name, 'acknowledged', revision]),
    );
  }, soon);
});

test('of two reloads at once on two controllers one wins, the other is told, and all stand at the winner', async () => {
  const redis = await testRedis();
  const services = await three(redis.url);
  for (let n = 0; n < 5; n += 1) {
    const answers = await Promise.all(
      services
        .slice(0, 2)
        .map((each, at) => each.ask('POST', '/api/table/reload', { table: { text: commented(`${n} of ${at}`) } })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const told = (await Promise.all(answers.map((answer) => answer.json()))) as { revision?: string }[];
    await allAt(services, told.find(({ revision }) => revision !== undefined)?.revision ?? '');
  }
});

test('Redis killed: every controller goes on, a change reaches one and is seen as drift; Redis back, empty: all converge', async () => {
  const redis = await testRedis();
  const services = await three(redis.url);
  const [a, b, c] = services;
  const { revision: before } = await reload(a, commented('before'));
  await allAt(services, before);
  await redis.kill();
  const { revision } = await reload(a, commented('meanwhile'));
  expect((await a.table()).fleet).toEqual({ connected: false, controllers: [] });
  expect((await b.table()).revision).toBe(before);
  expect((await fetch(`${b.url()}/healthz`)).status).toBe(200);
  await c.kill();
  await c.start(); // with Redis down: from its disk
  expect(await c.table()).toMatchObject({ revision: before, source: 'last-known-good' });
  await redis.comeBack();
  await allAt(services, revision);
  expect((await b.ask('POST', '/api/table/rollback', {})).status).toBe(200);
  await allAt(services, before);
});

test('a controller killed at any moment of a reload leaves one whole good revision everywhere', async () => {
  const redis = await testRedis();
  const services = await three(redis.url);
  const [a, b, c] = services;
  for (let n = 0; n < 8; n += 1) {
    const asked = a
      .ask('POST', '/api/table/reload', { table: { text: commented(`killed ${n}`) } })
      .catch(() => undefined);
    await pause(n * 20);
    await a.kill();
    await asked;
    await a.start();
    const { revision, problem } = await b.table();
    expect(problem).toBeUndefined();
    await allAt([a, c], revision);
    expect((await a.table()).problem).toBeUndefined();
  }
}, 120_000);

test('two controllers roll a canary back together by the connection rate of both, which neither could have told alone', async () => {
  const { url } = await testRedis();
  const [a, b] = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const fleet = new RedisFleet({ url, name, log: quiet() });
      return (await bench()).open({ name, fleet, watch: new CanaryWatch({ leastCalls: 30, margin: 0.05 }) });
    }),
  );
  if (!a || !b) throw new Error('two were asked for');
  const { canary: tried } = await a.reload({ ...given(movedText()), canary: { share: 0.5 } });
  await vi.waitFor(() => expect(b.deployment.canary?.revision).toBe(tried?.revision), soon);
  for (const each of [a, b]) {
    for (let n = 0; n < 20; n += 1) {
      each.callEnded(each.table.revision, n > 0);
      each.callEnded(tried?.revision ?? '', n % 2 === 0);
    }
  }
  const begun = performance.now();
  await vi.waitFor(() => expect([a, b].map(({ deployment }) => deployment.canary)).toEqual([null, null]), soon);
  process.stdout.write(`a canary of two controllers gone after ${Math.round(performance.now() - begun)} ms\n`);
  expect(a.deployment).toEqual(b.deployment);
  expect(a.deployment.who).toBe('canary watch: answered 50% of 40 calls, the live revision 95% of 40 calls');
  expect((await a.history(10)).filter(({ from }) => from === 'canary')).toHaveLength(1);
});

test('a request for a call reaches the controller that holds it by Redis, also after Redis was away', async () => {
  const redis = await testRedis();
  const held = (call: string) => ({
    has: (id: string) => id === call,
    ask: async (id: string) => (id === call ? ({ stage: 'talk', to: null } as const) : undefined),
  });
  const [a, b] = ['call-a', 'call-b'].map((call) => new FleetCalls(held(call), new RedisBus(redis.url), quiet()));
  if (!a || !b) throw new Error('two were asked for');
  await Promise.all([a.start(), b.start()]);
  const asking = { caller: { name: 'lead', role: 'supervisor' }, via: 'api', key: undefined } as const;
  const reaches = () =>
    vi.waitFor(
      async () => expect(await a.ask('call-b', { do: 'hold' }, asking)).toEqual({ stage: 'talk', to: null }),
      soon,
    );
  await reaches();
  const begun = performance.now();
  await reaches();
  process.stdout.write(`answered by the other controller after ${Math.round(performance.now() - begun)} ms\n`);
  await redis.kill();
  expect(await a.ask('call-b', { do: 'hold' }, asking)).toBeUndefined();
  await redis.comeBack();
  await reaches();
  await Promise.all([a.stop(), b.stop()]);
});

test('a controller that was away follows the fleet when it is back, and its own file does not move the fleet', async () => {
  const redis = await testRedis();
  const [a, b] = await Promise.all(['a', 'b'].map((name) => tableService(name, liveText, { redis: redis.url })));
  if (!a || !b) throw new Error('two were asked for');
  await b.kill();
  await writeFile(b.file, commented('stale'));
  const { revision } = await reload(a, movedText());
  await b.start();
  await allAt([a, b], revision);
  expect((await b.table()).source).toBe('redis');
});
