/** The dashboard and the alert rules name metrics that there are, with labels that they have, in PromQL that parses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { wholeCall } from './calls.ts';
import { adminRig } from './rig.ts';

const folder = join(import.meta.dirname, '../../../docker/monitoring');
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

const rule = z.strictObject({
  alert: z.string().regex(/^Hotline[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({ summary: z.string(), summary_zh: z.string() }),
});
const alerts = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })) });
const { groups } = alerts.parse(parse(await read('alerts.yaml')));
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(await read('grafana-dashboard.json')) as { panels: readonly Panel[] };

/** Every expression, and where it stands. `$instance` is a name in a string, so it parses as it is. */
const expressions: readonly (readonly [where: string, expr: string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Metrics asked for, and the labels they are told apart by; and whether all of it is PromQL. */
function readExpression(expr: string): { readonly isGood: boolean; readonly selectors: readonly Selector[] } {
  let isGood = true;
  const selectors: { name: string; labels: string[] }[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) isGood = false;
      if (type.name === 'VectorSelector') selectors.push({ name: '', labels: [] });
      const selector = selectors.at(-1);
      if (selector && type.name === 'Identifier') selector.name = text;
      const isMatched = /^\s*[=!]/.test(expr.slice(to)); // and not one of those that are summed by
      if (selector && type.name === 'LabelName' && isMatched) selector.labels.push(text);
    },
  });
  return { isGood, selectors };
}

/** What a scrape has, by name: the labels of its series. */
async function scraped(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rig = await adminRig();
  const at = Date.now() - 60_000; // ended by now: what ends in the next five minutes counts in no level yet
  for (const record of [
    ...wholeCall({ id: 'a', at }, 9_000, 20_000),
    ...wholeCall({ id: 'b', at }, null, 2_000).slice(0, 3),
  ])
    rig.keeper.take(record);
  const text = await (await fetch(`${rig.url}/metrics`)).text();
  const metrics = new Map<string, Set<string>>([['up', new Set()]]);
  for (const line of text.split('\n').filter((each) => /^[a-z]/.test(each))) {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    metrics.set(name, new Set([...labels.matchAll(/(\w+)="/g)].map(([, label]) => label ?? '')));
  }
  return metrics;
}

test('every expression is PromQL', () => {
  expect(expressions.length).toBeGreaterThan(40);
  expect(readExpression('sum by (x (rate(hotline_calls_live[1m])').isGood).toBe(false);
  expect(readExpression('sum by (x) (a{b="c", d=~"e"}) / f').selectors).toEqual([
    { name: 'a', labels: ['b', 'd'] },
    { name: 'f', labels: [] },
  ]);
  expect(expressions.filter(([, expr]) => !readExpression(expr).isGood)).toEqual([]);
});

test('every metric and label that is asked for exists', async () => {
  const metrics = await scraped();
  const asked = expressions.flatMap(([where, expr]) =>
    readExpression(expr).selectors.map((each) => ({ where, ...each })),
  );
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.filter(({ name }) => !metrics.has(name))).toEqual([]);
  const target = ['instance', 'job'];
  const missing = asked.flatMap(({ where, name, labels }) =>
    labels
      .filter((label) => !target.includes(label) && !metrics.get(name)?.has(label))
      .map((label) => `${where}: ${name}{${label}}`),
  );
  expect(missing).toEqual([]);
});

test('every metric of ours is on the dashboard or in an alert, and in the docs', async () => {
  const metrics = [...(await scraped()).keys()].filter((name) => name !== 'up');
  const shown = expressions.map(([, expr]) => expr).join('\n');
  const docs = await readFile(join(folder, '../../docs/wallboard.md'), 'utf8');
  const notShown = ['hotline_table_reloads_total', 'hotline_agents_seen', 'hotline_board_watchers'];
  expect(metrics.filter((name) => !shown.includes(name) && !notShown.includes(name))).toEqual([]);
  const base = metrics.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect(base.filter((name) => !docs.includes(`\`${name}`))).toEqual([]);
});

test('each alert has a name of its own, and words for both languages', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { annotations } of rules) expect(annotations.summary_zh).toMatch(/\p{Script=Han}/u);
});

test('panels do not share an id', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
