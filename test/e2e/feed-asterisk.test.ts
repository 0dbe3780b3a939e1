/**
 * The feed of the real service on a real Asterisk: Redis, the sink and the controller fail in turn while people call.
 * Every record of every call that a controller took arrives; every call stands in the PBX's own records.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runVerify } from '../../src/cli/feed/verify.ts';
import type { FoundCall } from '../../src/feed/verify.ts';
import { type CrowdCall, crowdedTableFile, endingsOf, leftAlone, placeCrowd, staff } from './crowd.ts';
import { SECRET, TestSink } from './feed-sink.ts';
import { type Service, startService } from './service.ts';
import { testRedis } from './table-service.ts';
import { goodTable, leftoversOf, openTestLab, setPromptLength, type TestLab } from './test-lab.ts';

/** 2,000 is the whole form: some three minutes; Redis is then killed three times, the controller twice. */
const CALLS = Number(process.env.HOTLINE_FEED_ASTERISK_CALLS ?? 150);
const PER_SECOND = Number(process.env.HOTLINE_FEED_ASTERISK_RATE ?? 15);
const IS_WHOLE = CALLS >= 1_000;
/** A call that came in these milliseconds before the kill, or this long after, may be one that no controller has seen. */
const UNSEEN_MS = 250;

const settingsFor = (table: string, redis: string, url: string) => ({
  table,
  redis,
  feed: {
    sinks: [
      {
        name: 'platform',
        kind: 'http',
        url,
        secret: SECRET,
        timeoutSeconds: 1,
        retry: { firstSeconds: 0.05, mostSeconds: 0.5 },
      },
    ],
  },
});

/** What `hotline feed verify --json` says. */
interface Told {
  readonly whole: number;
  readonly up: number;
  readonly notInFeed: readonly FoundCall[];
  readonly byFallback: readonly FoundCall[];
  readonly notAtPbx: readonly FoundCall[];
  readonly notWhole: readonly (FoundCall & { readonly missing: readonly unknown[] })[];
}

/** What the sink was given, against the PBX's own detail records. */
async function verify({ lab }: TestLab, sink: TestSink, folder: string, since: Date): Promise<Told> {
  const file = join(folder, 'delivered.ndjson');
  await writeFile(file, sink.records.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const said: string[] = [];
  const terminal = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
  const cdr = [join(lab.pbx.folder, 'log/cdr-custom/hotline.csv')];
  await runVerify({ since, records: [file], cdr, context: 'hotline-', json: true }, terminal);
  return JSON.parse(said.join('\n')) as Told;
}

/** Records that a controller wrote down and the sink does not have. */
async function undelivered(service: Service, sink: TestSink): Promise<readonly string[]> {
  const came = new Set(sink.records.map(({ callId, seq }) => `${callId} ${seq}`));
  return (await service.records()).map(({ callId, seq }) => `${callId} ${seq}`).filter((key) => !came.has(key));
}

const hasEnd = (types: readonly string[]): boolean => types.includes('ended');

function unended(sink: TestSink): readonly string[] {
  const calls = Map.groupBy(sink.records, ({ callId }) => callId);
  return [...calls].filter(([, records]) => !hasEnd(records.map(({ type }) => type))).map(([id]) => id);
}

test(`${CALLS} calls on a real Asterisk while Redis, sink and controller fail in turn: every record arrives, and the PBX knows every call`, async () => {
  const started = performance.now();
  const file = await crowdedTableFile();
  const testLab = await openTestLab(await goodTable(file));
  const { lab } = testLab;
  onTestFinished(() => lab.stop());
  await setPromptLength(lab, 'merged', 2);
  await setPromptLength(lab, 'busy', 1);
  const redis = await testRedis();
  const sink = await TestSink.open();
  const service = await startService(testLab, settingsFor(file, redis.url, sink.url));
  onTestFinished(() => service.stop());
  staff(lab.exchange);
  const readyMs = Math.round(performance.now() - started);

  const kills: { from: number; to: number }[] = [];
  const killRedis = async () => {
    await redis.kill();
    await pause(1_000);
    await redis.comeBack();
  };
  const killController = async () => {
    const from = Date.now();
    await service.killAndRestart();
    kills.push({ from, to: Date.now() });
  };
  const set = (mood: TestSink['mood']) => () => sink.set(mood);
  const short = [set('refuse'), killRedis, set('well'), killController, set('hang'), set('well')];
  const whole = [
    ...[set('refuse'), killRedis, set('well'), killController, set('hang'), killRedis, set('well')],
    ...[set('cut'), killController, killRedis, set('well')],
  ];
  const happens = IS_WHOLE ? whole : short;
  const since = new Date();
  const placing = placeCrowd(lab.exchange, CALLS, PER_SECOND);
  const stepMs = ((CALLS / PER_SECOND) * 1_000 * 0.8) / happens.length;
  const begun = performance.now();
  for (const [n, each] of happens.entries()) {
    await pause(Math.max(0, begun + (n + 1) * stepMs - performance.now()));
    await each();
  }
  const calls = await placing;

  await expect.poll(() => leftoversOf(lab), { timeout: 10_000, interval: 200 }).toEqual([]);
  await expect.poll(() => service.calls(), { timeout: 5_000 }).toBe(0);
  await expect.poll(() => undelivered(service, sink), { timeout: 10_000, interval: 200 }).toEqual([]);
  await expect.poll(() => unended(sink), { timeout: 5_000, interval: 200 }).toEqual([]);
  const told = await verify(testLab, sink, service.folder, since);
  report(calls, sink, told, kills);
  process.stdout.write(`ready after ${readyMs} ms, all told after ${Math.round(performance.now() - started)} ms\n`);

  expect(sink.problems.slice(0, 5)).toEqual([]);
  expect(sink.unlike.slice(0, 5)).toEqual([]);
  const { up, notAtPbx, notWhole } = told;
  expect({ up, notAtPbx, notWhole }).toEqual({ up: 0, notAtPbx: [], notWhole: [] });
  // Asterisk held these for a controller that had just died, and their callers were gone before the next one looked.
  const isUnseen = ({ at }: FoundCall) => kills.some(({ from }) => Math.abs(new Date(at).getTime() - from) < UNSEEN_MS);
  expect(told.notInFeed.filter((each) => !isUnseen(each))).toEqual([]);
  expect(told.whole + told.notInFeed.length + told.byFallback.length).toBe(CALLS);
  expect(leftAlone(calls).map(({ from, dialled, timeline }) => ({ from, dialled, timeline }))).toEqual([]);
}, 600_000);

function report(calls: readonly CrowdCall[], sink: TestSink, told: Told, kills: readonly object[]): void {
  const ended = sink.records.filter(({ type }) => type === 'ended');
  const types = Map.groupBy(sink.records, ({ type }) => type);
  const many = [...types].map(([type, records]) => `${records.length} ${type}`).join(', ');
  const unseen = ended.filter((record) => record.type === 'ended' && record.cause === 'unseen').length;
  const takeovers = ended.filter((record) => record.type === 'ended' && record.takeovers > 0).length;
  process.stdout.write(
    `${calls.length} calls placed (${endingsOf(calls)}); controller killed ${kills.length} times\n` +
      `at the sink: ${sink.calls.size} calls, ${ended.length} ended (${unseen} unseen), ${takeovers} taken over; ` +
      `${sink.records.length} records (${many}), ${sink.repeats} repeats (${sink.unlike.length} unlike), ${sink.requests} requests\n` +
      `against the PBX: ${told.whole} whole, ${told.notWhole.length} not whole, ${told.byFallback.length} by the fallback, ` +
      `${told.notInFeed.length} not in the feed, ${told.notAtPbx.length} not at the PBX\n`,
  );
}
