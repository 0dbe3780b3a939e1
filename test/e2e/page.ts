/** A real browser on a page of ours, and everything it complains of or asks for elsewhere. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import puppeteer, { type Page } from 'puppeteer-core';
import { openBrowser } from '../../src/lab/pbx/browser.ts';
import { labHome } from '../../src/lab/pbx/open-place.ts';
import { canProvision } from '../../src/lab/pbx/rootfs.ts';

/** Why there is no browser here; undefined: there is one. It comes as Debian packages, unpacked by root. */
export const noBrowser = async (): Promise<string | undefined> => {
  const can = await canProvision();
  return 'missing' in can ? can.missing : undefined;
};

const UP_WITHIN_MS = 20_000;

const FLAGS = [
  '--headless=new',
  '--no-sandbox', // it runs as root, in a place of its own, and sees pages of ours only
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--remote-debugging-port=0',
];

export interface OpenPage {
  readonly page: Page;
  /** Console errors and warnings, faults of scripts, refusals of the Content-Security-Policy, requests that failed. */
  readonly complaints: readonly string[];
  /** Addresses asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** Where the browser can be talked to. */
async function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  child.stderr?.on('data', (piece: Buffer) => {
    text = (text + piece.toString()).slice(-20_000);
    const [, address] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
    if (address !== undefined) resolve(address);
  });
  child.once('exit', () => reject(new Error(`the browser ended:\n${text}`)));
  const timer = setTimeout(() => reject(new Error(`the browser did not start:\n${text}`)), UP_WITHIN_MS);
  return promise.finally(() => clearTimeout(timer));
}

/** @param expected complaints that a test provokes are none, e.g. `401`. */
export async function openPage(expected: (complaint: string) => boolean = () => false): Promise<OpenPage> {
  const { argv } = await openBrowser(labHome(), () => undefined);
  const [program = '', ...first] = argv;
  const profile = `/tmp/profile-${process.pid}-${performance.now().toFixed(0)}`;
  const child = spawn(program, [...first, ...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const browser = await puppeteer.connect({ browserWSEndpoint: await addressOf(child), defaultViewport: null });
  const page = await browser.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  const complain = (complaint: string) => {
    if (!expected(complaint)) complaints.push(complaint);
  };
  page.on('console', (message) => {
    if (['error', 'warn', 'issue'].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complain(`fault: ${error instanceof Error ? error.message : String(error)}`));
  page.on('request', (request) => void asked.push(request.url()));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') complain(`request: ${request.url()} ${reason}`);
  });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    await browser.close();
    await ended;
  };
  return { page, complaints, asked, stop };
}

/** Resolves when what the page shows at `selector` fits, within the time. */
export async function shows(page: Page, selector: string, text: RegExp, timeoutMs = 5_000): Promise<void> {
  await page.waitForFunction(
    (where: string, source: string) =>
      new RegExp(source).test((globalThis as unknown as Windowed).document.querySelector(where)?.textContent ?? ''),
    { timeout: timeoutMs, polling: 50 },
    selector,
    text.source,
  );
}

interface Windowed {
  readonly document: { querySelector(selector: string): { readonly textContent: string | null } | null };
}
