/** The page as it is served, and its words. What a browser makes of it is in test/e2e/wallboard.test.ts. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { diffTables } from '../../../src/routing/compare/diff.ts';
import { formatDiff } from '../../../src/routing/compare/format-diff.ts';
import { CallInQuestion, explainMatch } from '../../../src/routing/conditions.ts';
import type { CallFacts } from '../../../src/routing/routing.ts';
import type { Table } from '../../../src/routing/table.ts';
import { loadTable, validate } from '../../../src/tables/source/sources.ts';
import { liveText } from '../tables/texts.ts';
import { adminRig } from './rig.ts';

const folder = join(import.meta.dirname, '../../../src/admin/page');
const names = await readdir(folder);
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
);
const html = texts.get('index.html') ?? '';
const scripts = [...texts].filter(([name]) => name.endsWith('.js'));

test('each of its places is the page, and what it loads is there, without a token', async () => {
  const { url } = await adminRig();
  for (const place of ['/', '/table', '/calls/pbx1-1795472311.0', '/calls/a%20b']) {
    const answer = await fetch(`${url}${place}`);
    expect([place, answer.status, answer.headers.get('content-type')]).toEqual([
      place,
      200,
      'text/html; charset=utf-8',
    ]);
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  }
  const loaded = [...html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(([, path]) => path ?? '');
  const imported = scripts.flatMap(([, text]) =>
    [...text.matchAll(/from '\.\/([\w-]+\.js)'/g)].map(([, name]) => `/page/${name}`),
  );
  expect(loaded.length + imported.length).toBeGreaterThan(10);
  for (const path of new Set([...loaded, ...imported]))
    expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200]);
});

test('a browser that has a file is told so and not sent it again', async () => {
  const { url } = await adminRig();
  const etag = (await fetch(`${url}/page/app.js`)).headers.get('etag') ?? '';
  const again = await fetch(`${url}/page/app.js`, { headers: { 'if-none-match': etag } });
  expect([etag.length > 10, again.status]).toEqual([true, 304]);
});

test('nothing else of the disk can be had', async () => {
  const { url } = await adminRig();
  for (const path of [
    '/page/',
    '/page/index.html',
    '/page/tsconfig.json',
    '/page/uplot.d.ts',
    '/page/..%2fhttp.ts',
    '/page/../metrics.ts',
  ])
    expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 404]);
});

test('it has no code or style inside itself, and asks for nothing from elsewhere', () => {
  expect(html).not.toMatch(/<style|<script(?![^>]* src=)|\sstyle=|\son\w+=/);
  for (const [name, text] of [...scripts, ['index.html', html], ['style.css', texts.get('style.css') ?? '']] as const) {
    expect([name, /https?:\/\/(?!www\.w3\.org)/.exec(text)?.[0]]).toEqual([name, undefined]);
    expect([name, /innerHTML|outerHTML|insertAdjacentHTML|\beval\b|new Function/.exec(text)?.[0]]).toEqual([
      name,
      undefined,
    ]);
  }
});

test('every word that is asked for is there, in both languages, with the same gaps to fill', () => {
  const words = ['words.js', 'words-en.js'].map((name) => texts.get(name) ?? '').join('\n');
  const table = (language: string) => {
    const [, body = ''] = new RegExp(`const ${language} = \\{([\\s\\S]*?)\\n\\};`).exec(words) ?? [];
    return new Map(
      [...body.matchAll(/^\s+'?([\w-]+)'?: (['"])(.*)\2,$/gm)].map(([, key = '', , text = '']) => [key, text]),
    );
  };
  const [zh, en] = [table('zh'), table('en')];
  expect(zh.size).toBeGreaterThan(150);
  expect([...zh.keys()].toSorted()).toEqual([...en.keys()].toSorted());
  const gaps = (text = '') => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
  for (const [key, text] of zh) expect([key, gaps(text)]).toEqual([key, gaps(en.get(key))]);
  const asked = [
    ...scripts.flatMap(([, text]) => [...text.matchAll(/\bt\('([\w-]+)'/g)].map(([, key]) => key ?? '')),
    ...[...html.matchAll(/data-t(?:-\w+)?="([\w-]+)"/g)].map(([, key]) => key ?? ''),
  ];
  expect(asked.length).toBeGreaterThan(80);
  expect(asked.filter((key) => !zh.has(key))).toEqual([]);
  expect(
    [...zh].filter(
      ([key, text]) => !/\p{Script=Han}/u.test(text) && !['language', 'redis'].includes(key) && key !== 'languageLabel',
    ),
  ).toEqual([]);
});

test('every reason that routing gives is said in Chinese as well', async () => {
  vi.stubGlobal('localStorage', { getItem: () => null });
  const { reasonWords } = (await import(pathToFileURL(join(folder, 'because.js')).href)) as {
    reasonWords: (because: string, names: { region: (id: string) => string }) => string;
  };
  vi.unstubAllGlobals();
  const nothing = {
    regions: undefined,
    trunks: undefined,
    hours: undefined,
    callers: undefined,
    from: undefined,
    until: undefined,
  };
  const moment = { ms: 100, wallMs: 100, written: '2026-10-01' };
  const { table } = await loadTable(join(folder, '../../../config/routes.yaml'));
  const call = (at: number, more: Partial<CallFacts> = {}) => {
    const facts = { dialled: '12333', caller: '05922001234', trunk: 'e1', ...more };
    return new CallInQuestion(table as Table, facts, { id: 'xiamen', from: 'trunk' }, new Date(at));
  };
  const reasons = [
    explainMatch(nothing, call(0)),
    explainMatch({ ...nothing, regions: ['xiamen'], trunks: ['e1'], from: moment }, call(200)),
    explainMatch({ ...nothing, regions: ['fuzhou', 'ningde'] }, call(0)),
    explainMatch({ ...nothing, trunks: ['e2'] }, call(0)),
    explainMatch({ ...nothing, trunks: ['e2'] }, call(0, { trunk: null })),
    explainMatch({ ...nothing, from: moment }, call(50)),
    explainMatch({ ...nothing, until: moment }, call(50)),
    explainMatch({ ...nothing, until: moment }, call(200)),
    explainMatch({ ...nothing, callers: ['vip'] }, call(0)),
    explainMatch({ ...nothing, callers: ['vip'] }, call(0, { caller: null })),
    explainMatch({ ...nothing, hours: ['office'] }, call(0)),
  ].map(({ because }) => because);
  const said = reasons.map((because) => reasonWords(because, { region: (id) => `〈${id}〉` }));
  expect(
    said.filter((each) => !/\p{Script=Han}/u.test(each) || /\b(rule|region|caller|hours|holds)\b/.test(each)),
  ).toEqual([]);
  expect(said[1]).toBe('地区为〈xiamen〉；中继为 e1；自 2026-10-01 起生效');
});

test('what a changed table moves is said in Chinese as well, ids as they are', async () => {
  vi.stubGlobal('localStorage', { getItem: () => null });
  const { moveWords } = (await import(pathToFileURL(join(folder, 'move-words.js')).href)) as {
    moveWords: (line: string, names: { region: (id: string) => string }) => string;
  };
  vi.unstubAllGlobals();
  const names = { region: (id: string) => `〈${id}〉` };
  const at = new Date('2026-11-24T02:00:00Z');
  const tableOf = (text: string): Table => {
    const { table } = validate(
      { table: { file: 'routes.yaml', text: text.replace(/\nexpectations:[\s\S]*$/, '\n') } },
      at,
    );
    if (table === undefined) throw new Error('the table should be good');
    return table;
  };
  const before = tableOf(liveText);
  const changed = [
    (text: string) => text.replace('waitSeconds: 120', 'waitSeconds: 90'),
    (text: string) => text.replace('ringSeconds: 20', 'ringSeconds: 25'),
    (text: string) => text.replaceAll('seats:12333-xiamen, ', ''),
    (text: string) => text.replaceAll('queue:12345-{region}', 'queue:12345-fuzhou'),
    (text: string) => text.replace(/\n {2}"12301":[\s\S]*?(?=\n {2}")/, ''),
    (text: string) => text.replace('label: 厦门12345', 'label: 厦门'),
  ].map((change) => change(liveText));
  expect(changed).not.toContain(liveText);
  const lines = changed.flatMap((text) => [
    ...formatDiff(diffTables(before, tableOf(text), at)),
    ...formatDiff(diffTables(tableOf(text), before, at)),
  ]);
  expect(lines.length).toBeGreaterThan(25);
  const said = lines.map((line) => moveWords(line, names));
  const english =
    /\b(numbers?|unchanged|everywhere|in|regions|then|wait|ring|nobody|refused|also|changed|all|but|as|before)\b/;
  expect(said.filter((line) => english.test(line))).toEqual([]);
  expect(moveWords('12333 in xiamen, fuzhou: seats:12348 → queue:12345-xiamen; 31 numbers unchanged', names)).toBe(
    '12333 在〈xiamen〉、〈fuzhou〉: seats:12348 → queue:12345-xiamen；31 个号码不变',
  );
  expect(moveWords('back to 9d78fa5b: nothing moves; and 3 more', names)).toBe(
    '回退到 9d78fa5b：不影响任何来电的去向；及另外 3 项',
  );
  expect(
    moveWords('nobody who answered stays in seats:12348, to which 1 number leads; 31 numbers unchanged', names),
  ).toBe('原有人员一个不留：seats:12348（通往该处的号码 1 个）；31 个号码不变');
});
