/** The wallboard as a person meets it: a real browser, a real service, real calls of a lab. */
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { madeDay } from './made-day.ts';
import { noBrowser, type OpenPage, openPage, shows } from './page.ts';
import { type Service, startService } from './service.ts';
import { openTestLab, type TestLab } from './test-lab.ts';

const TOKEN = 'operator-operator';
/** Set: screenshots for the docs go to docs/images. */
const { HOTLINE_SCREENSHOTS } = process.env;
/** Where the table lies in pictures: a reader is not to wonder at a temporary folder's name. */
const SHOWN_FOLDER = '/tmp/hotline';

let lab: TestLab;
let service: Service;
let open: OpenPage;
let folder: string;
let tableFile: string;
/** What a browser says of a service that is not there is no fault of the page. */
let isDown = false;

/** One that keeps its address when it is started again. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const missing = await noBrowser();

describe.skipIf(missing)(`in a real browser${missing === undefined ? '' : `: ${missing}`}`, () => {
  beforeAll(async () => {
    [lab, folder] = await Promise.all([openTestLab(), mkdtemp(join(tmpdir(), 'hotline-wall-'))]);
    const tableFolder = HOTLINE_SCREENSHOTS ? SHOWN_FOLDER : folder;
    await mkdir(tableFolder, { recursive: true });
    tableFile = join(tableFolder, 'routes.yaml');
    await copyFile('config/routes.yaml', tableFile);
    const records = join(folder, 'records.ndjson');
    const day = madeDay(lab.table, Date.now(), 2_400);
    await writeFile(records, day.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const tokens = [{ name: 'duty-office', role: 'operator', token: TOKEN }];
    const http = {
      port: await freePort(),
      adminToken: join(folder, 'admin-token'),
      audit: join(folder, 'audit.ndjson'),
      tokens,
    };
    const reload = { dir: join(folder, 'tables'), watch: false };
    service = await startService(lab, {
      name: 'hotline-1',
      table: tableFile,
      records,
      http,
      reload,
      redis: lab.lab.redisUrl,
    });
    open = await openPage((complaint) => complaint.includes('401') || (isDown && complaint.includes('ERR_')));
  }, 240_000); // on a fresh clone the browser is unpacked first

  afterAll(async () => {
    await open?.stop();
    await service?.stop();
    await lab?.lab.stop();
    await rm(folder, { recursive: true, force: true });
    if (HOTLINE_SCREENSHOTS) await rm(SHOWN_FOLDER, { recursive: true, force: true });
  });

  const picture = async (name: string, fullPage = false): Promise<void> => {
    if (!HOTLINE_SCREENSHOTS) return;
    await mkdir('docs/images', { recursive: true });
    await open.page.screenshot({ path: `docs/images/${name}.png`, fullPage });
  };

  test('somebody with a wrong token is told so, and with a right one sees the board', async () => {
    const { page } = open;
    await page.setViewport({ width: 1920, height: 1080 });
    await page.goto(service.url());
    await shows(page, '#view-sign-in h1', /登录/);
    await page.type('#token', 'not-a-token');
    await page.click('#sign-in button');
    await shows(page, '#sign-in-refusal', /令牌不正确/);
    await page.type('#token', TOKEN);
    await page.click('#sign-in button');
    await shows(page, '#link-words', /实时/);
    await shows(page, '.tile-level15 .tile-value', /^\d/);
    await shows(page, '#strip', /交换机 lab正常/);
  });

  test('a real call appears within a second, is followed to its end, and has its story', async () => {
    const { page } = open;
    const { exchange } = lab.lab;
    exchange.setAgents({ do: 'answer', afterMs: 1_000 });
    const placed = exchange.placeCall({
      dialled: '059112301',
      from: '059187654321',
      hangup: { after: 'heard', ms: 2_500 },
    });
    await expect.poll(() => service.calls(), { interval: 10, timeout: 5_000 }).toBe(1);
    const cameAt = performance.now();
    await shows(page, '.rows .row', /12301/, 1_000);
    const seenMs = performance.now() - cameAt;
    process.stdout.write(`a call is on the wallboard ${seenMs.toFixed(0)} ms after the controller has it\n`);
    expect(seenMs).toBeLessThan(1_000);
    await shows(page, '.rows .row .badge', /提示音/);
    await shows(page, '.rows .row .badge', /通话/, 12_000);
    await shows(page, '.rows .row .cell-where', /12345-fuzhou-\d/);
    await page.click('.rows .row a');
    await shows(page, '#view-call .story', /接通/);
    await shows(page, '#view-call .rules', /规则 1 命中/);
    await placed;
    await shows(page, '#view-call .call-head .badge', /已结束/);
    await shows(page, '#view-call .story', /主叫挂机，通话 0:0\d/);
    expect(new URL(page.url()).pathname).toMatch(/^\/calls\//);
    await picture('call-zh');
    await page.click('.back');
    await shows(page, '#live-count', /^0$/);
  });

  test('the language changes at once, and is remembered', async () => {
    const { page } = open;
    await page.click('#language');
    await shows(page, '.tile-level15 .tile-name', /Answered in 15 s/);
    await page.reload();
    await shows(page, '.tile-level15 .tile-name', /Answered in 15 s/);
    expect(await page.$eval('html', (html) => html.getAttribute('lang'))).toBe('en');
  });

  test('an operator checks a changed table, reloads it, and rolls back', { timeout: 60_000 }, async () => {
    const { page } = open;
    const text = await readFile(tableFile, 'utf8');
    await page.click('[data-nav=table]');
    await shows(page, '.table-candidate', /The file is what is live/);
    await writeFile(tableFile, text.replace('ringSeconds: 20', 'ringSeconds: nonsense'));
    await page.click('.table-candidate .buttons button');
    await shows(page, '.problems', /WRONG_TYPE|BAD_VALUE/);
    await writeFile(tableFile, text.replace('waitSeconds: 120', 'waitSeconds: 90'));
    await page.click('.table-candidate .buttons button');
    await shows(page, '.moves', /wait 120 s/);
    await picture('table-en');
    await page.click('.table-candidate .strong');
    await shows(page, 'dialog h2', /Reload/);
    await page.click('dialog .strong');
    await shows(page, 'dialog h2, .message', /yes|Done/, 10_000);
    if (await page.$('dialog[open] .strong')) await page.click('dialog .strong');
    await shows(page, '.message', /Done: live/, 10_000);
    await shows(page, '.table-candidate', /The file is what is live/);
    await page.click('.table-live .danger');
    await page.click('dialog .strong');
    await shows(page, '.message', /Done: live · back to/, 10_000);
    await writeFile(tableFile, text);
    const trail = (await readFile(join(folder, 'audit.ndjson'), 'utf8')).trim().split('\n');
    expect(trail.map((line) => (JSON.parse(line) as { what: string }).what)).toEqual(
      expect.arrayContaining(['reloadTable', 'rollBackTable']),
    );
  });

  test('what is shown and has not changed keeps the focus that is in it', async () => {
    const { page } = open;
    await page.click('[data-nav=table]');
    await shows(page, '.table-live .danger', /Roll back/);
    await page.focus('.table-live .danger');
    const asked = open.asked.length;
    await page.evaluate("document.querySelector('.table-candidate .buttons button').click()"); // looks again, as it does every 5 s
    await expect.poll(() => open.asked.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(asked + 3);
    await shows(page, '.message', /^$/);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Roll back');
  });

  test('a caller who gave up is there to be called back, and is taken off the list', { timeout: 60_000 }, async () => {
    const { page } = open;
    const caller = '059187650001';
    await lab.lab.exchange.placeCall({ dialled: '059112301', from: caller, hangup: { after: 'prompt', ms: 300 } });
    await page.click('[data-nav=missed]');
    await shows(page, '#view-missed tbody', new RegExp(`${caller}.*12301.*the caller gave up`), 8_000);
    await picture('missed-en');
    await page.evaluate(`[...document.querySelectorAll('#view-missed tr')]
      .find((row) => row.textContent.includes('${caller}')).querySelector('button').click()`);
    await page.click('dialog .strong');
    await shows(page, '#view-missed .message', new RegExp(`${caller} is off the list`));
    expect(await page.$eval('#view-missed', (view) => view.textContent)).not.toMatch(new RegExp(`${caller}.*12301`));
  });

  test('a service that goes away and comes back is on the board again by itself', { timeout: 60_000 }, async () => {
    const { page } = open;
    expect(open.complaints).toEqual([]);
    await page.click('[data-nav=board]');
    await shows(page, '#link-words', /Live/);
    isDown = true;
    await service.kill();
    await shows(page, '#link-words', /Reconnecting/);
    await service.killAndRestart();
    await shows(page, '#link-words', /Live/, 15_000);
    isDown = false;
    await shows(page, '.tile-level15 .tile-value', /^\d/);
  });

  test('with calls up it is readable on a wall and on a phone, in both languages', { timeout: 60_000 }, async () => {
    const { page } = open;
    const { exchange } = lab.lab;
    exchange.setAgents({ do: 'answer', afterMs: 1_500 });
    const calls = [
      '059112301',
      '059212333',
      '059512315',
      '059612345'.replace('12345', '12328'),
      '059812366',
      '059112329',
    ].map((dialled, n) =>
      exchange.placeCall({ dialled, from: `0591876543${20 + n}`, hangup: { after: 'heard', ms: 4_000 } }),
    );
    await shows(page, '#live-count', /^[456]$/, 10_000);
    await shows(page, '.rows', /talking/, 15_000);
    await shows(page, '#strip', /PBX labup.*Redisup/);
    await picture('board-en');
    await page.click('#language');
    await shows(page, '.rows', /通话/);
    await picture('board-zh');
    for (const [name, width, height] of [
      ['wall', 3840, 2160],
      ['desktop', 1920, 1080],
      ['laptop', 1366, 768],
      ['tablet', 820, 1180],
      ['phone', 390, 844],
    ] as const) {
      await page.setViewport({
        width,
        height,
        isMobile: name === 'phone',
        hasTouch: name === 'phone',
        deviceScaleFactor: name === 'phone' ? 2 : 1,
      });
      await shows(page, '#live-count', /\d/);
      const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect([name, wide]).toEqual([name, 0]);
      const figure = await page.$eval('.tile-value', (node) => node.getBoundingClientRect().height);
      expect(figure, name).toBeGreaterThan(name === 'phone' ? 40 : 46);
      if (name === 'phone') await picture('board-phone-zh', true);
    }
    await Promise.all(calls);
  });

  test('everything can be done with the keyboard, and every control has a name', async () => {
    const { page } = open;
    await page.setViewport({ width: 1366, height: 768 });
    await page.reload(); // from a phone to a desk a browser loads the page anew, in its own time
    await shows(page, '.tile-level15 .tile-value', /^\d/);
    await page.waitForSelector('#chart-waits[aria-label]');
    const unnamed = await page.evaluate(`[...document.querySelectorAll('button, a, input, [tabindex="0"], [role=img]')]
    .filter((each) => each.checkVisibility() && !(each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length))
    .map((each) => each.outerHTML)`);
    expect(unnamed).toEqual([]);
    await page.evaluate('document.activeElement.blur()');
    await page.focus('.skip');
    const reached: string[] = [];
    for (let n = 0; n < 14; n++) {
      await page.keyboard.press('Tab');
      reached.push(
        String(
          await page.evaluate(
            'document.activeElement.id || document.activeElement.dataset.nav || document.activeElement.textContent.trim()',
          ),
        ),
      );
    }
    expect(reached).toEqual(expect.arrayContaining(['board', 'table', 'language', 'sign-out', 'search']));
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Escape');
  });

  test('nothing was complained of, and nothing was asked for outside', () => {
    expect(open.complaints).toEqual([]);
    const { origin } = new URL(service.url());
    expect(open.asked.length).toBeGreaterThan(20);
    expect(open.asked.filter((address) => !address.startsWith(`${origin}/`) && !address.startsWith('data:'))).toEqual(
      [],
    );
    expect(open.asked.filter((address) => address.includes(TOKEN))).toEqual([]);
  });
});
