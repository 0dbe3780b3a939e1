import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { SettingsError } from '../../src/base/errors.ts';
import { readSettings, requireFilledIn, type Settings } from '../../src/settings/settings.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-settings-'));
  file = join(folder, 'hotline.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

const reading = async (text: string, environment: Record<string, string> = {}): Promise<() => Settings> => {
  await writeFile(file, text);
  return () => readSettings({ HOTLINE_SETTINGS: file, ...environment });
};

const saying = async (text: string, environment?: Record<string, string>): Promise<string> => {
  const read = await reading(text, environment);
  expect(read).toThrow(SettingsError);
  try {
    read();
  } catch (error) {
    return (error as SettingsError).message;
  }
  return '';
};

const aSwitch = (name: string, url = 'http://127.0.0.1:8088'): string => `
  - name: ${name}
    kind: asterisk
    url: ${url}
    user: hotline
    password: secret
    promptsDir: /prompts`;

describe('a switch', () => {
  test('may not have the name of another: calls and records are told apart by it', async () => {
    const text = `switches:${aSwitch('pbx1')}${aSwitch('pbx2', 'http://127.0.0.1:2')}${aSwitch('pbx1', 'http://127.0.0.1:3')}`;
    expect(await saying(text)).toBe(
      `${file}:14:11: switches.2.name: pbx1 is switches.0's already; calls and records are told apart by it`,
    );
  });

  test('may not share application and address with another: they would take it from each other', async () => {
    expect(await saying(`switches:${aSwitch('pbx1')}${aSwitch('pbx2')}`)).toContain(
      `switches.1.app: hotline of http://127.0.0.1:8088 is switches.0's already`,
    );
    const apart = await reading(`switches:${aSwitch('pbx1')}${aSwitch('pbx2')}\n    app: other`);
    expect(apart().switches).toHaveLength(2);
  });

  test('is spoken to in plain HTTP, and the message tells what to do about TLS', async () => {
    expect(await saying(`switches:${aSwitch('pbx1', 'https://pbx1:8089')}`)).toMatch(
      /hotline\.yaml:4:10: switches\.0\.url: http:\/\/ only, .*put a proxy on loopback or the management network$/,
    );
  });

  test.each(['ftp://pbx1', 'pbx1:8088', 'nowhere'])('is not reached at %s', async (url) => {
    expect(await saying(`switches:${aSwitch('pbx1', url)}`)).toContain('an address like http://127.0.0.1:8088');
  });

  test('has no password in its address, which would be logged', async () => {
    const said = await saying(`switches:${aSwitch('pbx1', 'http://hotline:s3cret@pbx1:8088')}`);
    expect(said).toContain('switches.0.url: no user or password in here');
    expect(said).not.toContain('s3cret');
  });
});

describe('an environment variable', () => {
  test('wins over the file', async () => {
    const variables = { HOTLINE_HTTP_PORT: '0', HOTLINE_REDIS: 'redis://r:1', HOTLINE_LOG_LEVEL: 'warn' };
    const read = await reading('http: { host: 127.0.0.2, port: 1 }\nlog: { level: debug }', variables);
    expect(read()).toMatchObject({
      http: { host: '127.0.0.2', port: 0 },
      redis: 'redis://r:1',
      log: { level: 'warn' },
    });
  });

  test('that is empty counts as not set', async () => {
    const names = ['HOTLINE_HTTP_PORT', 'HOTLINE_REDIS', 'HOTLINE_LOG_LEVEL', 'HOTLINE_TABLE'];
    const read = await reading('http: { port: 81 }', Object.fromEntries(names.map((name) => [name, ''])));
    expect(read()).toEqual((await reading('http: { port: 81 }'))());
    expect(() => readSettings({ HOTLINE_SETTINGS: '' })).not.toThrow();
  });

  test('that is empty does not fill in a password either', async () => {
    const text = aSwitch('pbx1').replace('secret', `\${HOTLINE_ARI_PASSWORD}`);
    const read = await reading(`switches:${text}`, { HOTLINE_ARI_PASSWORD: '' });
    expect(() => requireFilledIn(read())).toThrow(`the environment has no \${HOTLINE_ARI_PASSWORD}`);
  });

  test('that the address of Redis needs has to be there', async () => {
    const read = await reading(`redis: "redis://:\${HOTLINE_REDIS_PASSWORD}@127.0.0.1"`);
    expect(() => requireFilledIn(read())).toThrow(`the environment has no \${HOTLINE_REDIS_PASSWORD}`);
  });

  test.each([
    ['HOTLINE_HTTP_PORT', 'http', 'a whole number from 0 to 65535 is asked for'],
    ['HOTLINE_HTTP_PORT', '0x50', 'a whole number from 0 to 65535 is asked for'],
    ['HOTLINE_HTTP_PORT', '65536', 'a whole number from 0 to 65535 is asked for'],
    ['HOTLINE_REDIS', 'nowhere', 'an address like redis://127.0.0.1:6379 is asked for'],
    ['HOTLINE_LOG_LEVEL', 'loud', expect.stringMatching(/^one of .*debug.* is asked for$/)],
  ])('that is wrong is named: %s=%s', async (name, value, asked) => {
    const said = await saying('', { [name]: value });
    expect(said.slice(0, name.length + 2)).toBe(`${name}: `);
    expect(said.slice(name.length + 2)).toEqual(asked);
  });
});

describe('a token', () => {
  const tokens = (...list: string[]) => `http: { tokens: [${list.join(', ')}] }`;
  const token = (name: string, text: string) => `{ name: ${name}, role: viewer, token: "${text}" }`;

  test('has a name and a value of its own, and is not short', async () => {
    const long = 'sixteen-characters';
    expect(await saying(tokens(token('a', long), token('a', `${long}2`)))).toContain("a is another token's already");
    expect(await saying(tokens(token('a', long), token('b', long)))).toContain('is the same as an earlier one');
    expect(await saying(tokens(token('a', 'short')))).toContain('at least 16 characters');
  });

  test('of an agent names the phone, and no other does', async () => {
    const long = 'sixteen-characters';
    const of = (role: string, more = '') => tokens(`{ name: a, role: ${role}, token: ${long}${more} }`);
    expect(await saying(of('agent'))).toContain("an agent's token names the phone it is for");
    expect(await saying(of('operator', ', endpoint: x'))).toContain('only an agent has a phone');
    const read = await reading(of('agent', ', endpoint: 12345-fuzhou-1'));
    expect(read().http.tokens[0]).toMatchObject({ role: 'agent', endpoint: '12345-fuzhou-1' });
  });

  test('that the environment should hold has to be there', async () => {
    const read = await reading(tokens(token('a', `\${HOTLINE_TOKEN_OF_NOBODY}`)));
    expect(() => requireFilledIn(read())).toThrow(`the environment has no \${HOTLINE_TOKEN_OF_NOBODY}`);
  });
});

test('every problem is told in one line, each at its place', async () => {
  const wrong = 'http:\n  port: http\nlog: {}\ncolour: red\ntable: 5\nreload: { settleMs: -1, mostNumbersMoved: 7 }\n';
  const said = await saying(wrong, { HOTLINE_LOG_LEVEL: 'loud' });
  expect(said.split('; ')).toEqual([
    `${file}:5:8: table: text is asked for`,
    `${file}:6:21: reload.settleMs: at least 10 is asked for`,
    `${file}:6:43: reload.mostNumbersMoved: at most 1 is asked for`,
    `${file}:2:9: http.port: a whole number from 0 to 65535 is asked for`,
    expect.stringMatching(/^HOTLINE_LOG_LEVEL: one of .* is asked for$/),
    `${file}:4:9: colour: there is no such setting`,
  ]);
});

describe('from another folder', () => {
  const root = join(import.meta.dirname, '../..');

  beforeEach(() => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/elsewhere');
    onTestFinished(() => cwd.mockRestore());
  });

  test('paths that are written, and those that are meant by default, start at the root of the project', async () => {
    const read = await reading('records: var/mine.ndjson\nprompts: { supplied: /srv/prompts }');
    expect(read()).toMatchObject({
      table: join(root, 'config/routes.yaml'),
      records: join(root, 'var/mine.ndjson'),
      prompts: { dir: join(root, 'var/prompts'), supplied: '/srv/prompts' },
    });
  });

  test('a table named by the environment is where the user stands', async () => {
    const read = await reading('table: config/routes.yaml', { HOTLINE_TABLE: 'mine.yaml' });
    expect(read().table).toBe('mine.yaml');
  });
});

test('a change may move a quarter of the numbers, and of the last calls, unasked; another share is from 0 to 1', async () => {
  expect((await reading('{}'))().reload).toMatchObject({ mostNumbersMoved: 0.25, mostCallsMoved: 0.25 });
  expect((await reading('reload: { mostCallsMoved: 0 }'))().reload.mostCallsMoved).toBe(0);
  expect(await saying('reload: { mostCallsMoved: 25 }')).toContain('reload.mostCallsMoved: ');
});

describe('a sink of the feed', () => {
  const sink = (more = ''): string =>
    `feed:\n  sinks:\n    - { name: platform, kind: http, url: "https://platform.example/r", secret: "\${HOTLINE_X}"${more} }\n`;

  test('needs no more than its name, place and secret', async () => {
    const [platform] = (await reading(sink(), { HOTLINE_X: 'sixteen or more characters' }))().feed.sinks;
    expect(platform).toMatchObject({
      secret: 'sixteen or more characters',
      batch: 200,
      giveUpHours: 24,
      retry: { firstSeconds: 0.5, mostSeconds: 60 },
    });
  });

  test('may not have the name of another, nor a secret that is too short or missing', async () => {
    const two = `${sink()}    - { name: platform, kind: file, path: a.ndjson }\n`;
    expect(await saying(two, { HOTLINE_X: 'sixteen or more characters' })).toContain(
      "feed.sinks.1.name: platform is another sink's already",
    );
    expect(await saying(sink(), { HOTLINE_X: 'short' })).toContain('feed.sinks.0.secret: at least 16 characters');
    const long = sink().replace('HOTLINE_X', 'HOTLINE_NOT_THERE');
    const read = await reading(long);
    expect(() => requireFilledIn(read())).toThrow(/the environment has no \$\{HOTLINE_NOT_THERE\}/);
  });

  test('has its numbers in quotation marks, as the table has them', async () => {
    expect(await saying(sink(', numbers: [12333]'), { HOTLINE_X: 'sixteen or more characters' })).toContain(
      'feed.sinks.0.numbers.0',
    );
  });
});

describe('recordings', () => {
  test('are none unless there is a place for them', async () => {
    expect((await reading('{}'))().recordings).toBeUndefined();
    expect(await saying('recordings: {}')).toContain('recordings.dir: ');
  });

  test('are kept for 90 days, and leave a gigabyte, unless it is said otherwise', async () => {
    const usual = { dir: '/recordings', keepDays: 90, leastFreeMb: 1_000 };
    expect((await reading('recordings: { dir: /recordings }'))().recordings).toEqual(usual);
    expect(await saying('recordings: { dir: /recordings, keepDays: 0 }')).toContain('recordings.keepDays: ');
  });

  test.each(['/var/spool', '../elsewhere', 'a/../../b', 'a b', ''])(
    'go below Asterisk’s own folder, not to "%s"',
    async (dir) => {
      expect(await saying(`switches:${aSwitch('pbx1')}\n    recordingsDir: "${dir}"`)).toContain('recordingsDir');
    },
  );

  test('go to a folder of their own below it', async () => {
    const read = await reading(`switches:${aSwitch('pbx1')}\n    recordingsDir: hotline/2026`);
    expect(read().switches[0]).toMatchObject({ recordingsDir: 'hotline/2026' });
  });
});
