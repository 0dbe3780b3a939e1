/** 5,000 live calls, fifty a second coming and as many going: the page stays quick, and so does the service. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { TOKENS } from '../unit/admin/rig.ts';
import { noBrowser, openPage, shows } from './page.ts';

const LIVE = 5_000;
const PER_SECOND = 50;
const WATCHED_SECONDS = 12;

/** Frames as the page draws them; how long it was between two. Runs in the page. */
const MEASURE = `new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    if (gaps.length > 5 && performance.now() - start > 4000) resolve(gaps.slice(1));
    else requestAnimationFrame(frame);
  };
  const start = performance.now();
  requestAnimationFrame(frame);
})`;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

async function crowd(): Promise<string> {
  const args = ['test/e2e/crowded-board.ts', String(LIVE), String(PER_SECOND)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return line.toString().trim();
}

/** Seconds. */
async function delayOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/hotline_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)/.exec(text)?.[1]);
}

const missing = await noBrowser();

test.skipIf(missing)('a crowd on the board slows neither the page nor the service', { timeout: 60_000 }, async () => {
  const url = await crowd();
  const { page, complaints, stop } = await openPage();
  onTestFinished(stop);
  await page.setViewport({ width: 1920, height: 1080 });
  await page.goto(url);
  await page.type('#token', TOKENS.supervisor);
  await page.click('#sign-in button');
  await shows(page, '#live-count', /^[45]\d{3}$/, 10_000);
  const gaps = (await page.evaluate(MEASURE)) as readonly number[];
  const rows = await page.$$eval('.rows .row', (all) => all.length);
  expect(rows).toBeLessThan(60);
  const clickedAt = performance.now();
  await page.click('#filter button:nth-child(2)');
  await shows(page, '.rows .badge', /排队|提示音/, 2_000);
  const clickMs = performance.now() - clickedAt;
  await page.type('#search', '12333');
  await shows(page, '.rows .cell-number', /12333/, 2_000);
  await page.evaluate("document.querySelector('.rows').scrollTop = 3000");
  const watchedFor = WATCHED_SECONDS * 1_000;
  await new Promise((resolve) => setTimeout(resolve, watchedFor)); // the figure is of the last five to ten seconds
  const delay = await delayOf(url);
  const heap = (await page.metrics()).JSHeapUsedSize ?? Number.NaN;
  process.stdout.write(
    `${LIVE} live calls, ${PER_SECOND} a second: event loop p99 ${(delay * 1000).toFixed(1)} ms; page: frames p50 ${quantile(gaps, 0.5).toFixed(0)} ms, p99 ${quantile(gaps, 0.99).toFixed(0)} ms, longest ${Math.max(...gaps).toFixed(0)} ms; a click answered in ${clickMs.toFixed(0)} ms; ${rows} rows drawn; heap ${(heap / 1e6).toFixed(0)} MB\n`,
  );
  expect(delay).toBeLessThan(0.05);
  expect(quantile(gaps, 0.95)).toBeLessThan(100);
  expect(clickMs).toBeLessThan(500);
  expect(complaints).toEqual([]);
});
