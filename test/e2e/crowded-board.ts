/** A process with the HTTP side and a board of so many live calls that come and go; its address is the one line it prints. */
import { BoardKeeper } from '../../src/admin/board/keeper.ts';
import { startAdmin } from '../../src/admin/http.ts';
import type { TableControl, TableShown } from '../../src/admin/table-api.ts';
import { createLogger } from '../../src/base/log.ts';
import { madeCall } from '../unit/admin/calls.ts';
import { healthyFeed, missedList, tokens } from '../unit/admin/rig.ts';
import { dice, madeCallOf, madeDay } from './made-day.ts';
import { goodTable } from './test-lab.ts';

const [live = 5_000, perSecond = 50] = process.argv.slice(2).map(Number);
const TURN_MS = 50;

const table = await goodTable();
const log = createLogger('silent');
const keeper = new BoardKeeper({ records: '/nowhere', log });
await keeper.start(() => new Set());
for (const record of madeDay(table, Date.now(), 2_000)) keeper.take(record);

type Made = ReturnType<typeof madeCall>;
const roll = dice(99);
/** Calls that are up, the one that came first first, and how much of each is told. */
const up: { readonly call: Made; told: number; readonly at: number }[] = [];
let came = 0;

const tell = (each: (typeof up)[number]): void => {
  for (const record of each.call.records.slice(each.told)) keeper.take(record);
  each.told = each.call.records.length;
};

const arrive = (at: number): void => {
  const call = madeCall(madeCallOf(table, `crowd-${came++}`, at, roll));
  call.queued(6);
  const each = { call, told: 0, at };
  tell(each);
  up.push(each);
};

const answer = (each: (typeof up)[number] | undefined): void => {
  if (!each || each.call.records.some(({ type }) => type === 'answered')) return;
  const ms = Date.now() - each.at;
  each.call.tell('prompted', Math.min(6_000, ms), { prompt: 'merged', result: 'done' });
  each.call.answered(ms);
  tell(each);
};

const leave = (): void => {
  const first = up.shift();
  if (!first) return;
  first.call.ended(Date.now() - first.at);
  tell(first);
};

const now = Date.now();
for (let n = 0; n < live; n++) arrive(now - 100_000 + (n * 100_000) / live);
for (const each of up.slice(0, live * 0.9)) answer(each);

const asked = async () => {
  throw new Error('nobody changes the table of a crowded board');
};
const { revision } = table;
const said = { previous: null, who: 'test', when: new Date().toISOString(), summary: '', numbers: table.numbers.size };
const file = { path: 'config/routes.yaml', revision };
const shown: TableShown = { revision, source: 'file', ...said, canary: null, refused: null, file, fleet: null };
const change = { reload: asked, canary: asked, rollback: asked, promote: asked };
const control: TableControl = { show: async () => shown, candidate: asked, history: asked, textOf: asked, ...change };
const { url } = await startAdmin({
  host: '127.0.0.1',
  port: 0,
  readiness: () => ({ ready: true, revision, table: shown, switches: [], calls: keeper.board.size }),
  reloads: () => ({ accepted: 0, unchanged: 0, refused: 0 }),
  tokens,
  limits: { perMinute: 100_000, changesPerMinute: 100_000 },
  audit: '/nowhere/audit.ndjson',
  table: control,
  liveTable: () => table,
  tableOf: async () => table,
  feed: () => healthyFeed,
  missed: missedList(),
  calls: { ask: async () => undefined },
  keeper,
  log,
});
process.stdout.write(`${url}\n`);

let owed = 0;
setInterval(() => {
  owed += (perSecond * TURN_MS) / 1_000;
  for (; owed >= 1; owed -= 1) {
    leave();
    arrive(Date.now());
    answer(up[Math.floor(live * 0.9)]);
  }
}, TURN_MS);
