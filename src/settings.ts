/** Service settings: `config/hotline.yaml` and the environment, once, into one frozen object. */
import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { FileUnreadable, SettingsError } from './errors.ts';

const word = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

const asteriskShape = z.strictObject({
  name: word,
  kind: z.literal('asterisk'),
  url: z.url({ protocol: /^https?$/ }),
  user: z.string().min(1),
  password: z.string().min(1),
  app: word.default('hotline'),
  promptsDir: z.string().startsWith('/'),
});

const port = z.int().min(1).max(65_535);

const freeSwitchShape = z.strictObject({
  name: word,
  kind: z.literal('freeswitch'),
  /** Where its dialplan hands calls over, and the addresses it does so from. */
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(8084),
      accept: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .min(1)
        .default(['127.0.0.1']),
    })
    .prefault({}),
  eventSocket: z.strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: port.default(8021),
    password: z.string().min(1),
  }),
  promptsDir: z.string().startsWith('/'),
});

const switchShape = z.discriminatedUnion('kind', [asteriskShape, freeSwitchShape]);

const shape = z.strictObject({
  table: z.string().default('config/routes.yaml'),
  switches: z.array(switchShape).default([]),
  redis: z.url({ protocol: /^rediss?$/ }).optional(),
  records: z.string().default('var/records.ndjson'),
  http: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65_535).default(8345) })
    .prefault({}),
  prompts: z
    .strictObject({
      dir: z.string().default('var/prompts'),
      supplied: z.string().default('config/prompts'),
      synthesiser: z.array(z.string()).min(1).optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});

export type Settings = z.infer<typeof shape>;
export type SwitchSettings = Settings['switches'][number];
export type AsteriskSwitchSettings = z.infer<typeof asteriskShape>;
export type FreeSwitchSwitchSettings = z.infer<typeof freeSwitchShape>;

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_SETTINGS_FILE = 'config/hotline.yaml';

/**
 * @param environment `HOTLINE_SETTINGS` names another file; `HOTLINE_TABLE`, `HOTLINE_HTTP_PORT`, `HOTLINE_REDIS` and
 * `HOTLINE_LOG_LEVEL` win over what the file says.
 * @throws FileUnreadable, SettingsError (one line, all problems)
 */
export function readSettings(environment: Environment): Settings {
  const file = environment.HOTLINE_SETTINGS ?? DEFAULT_SETTINGS_FILE;
  const written = fillIn(readYaml(file), environment);
  const result = shape.safeParse(withEnvironment(written, environment));
  if (!result.success) throw new SettingsError(`${file}: ${result.error.issues.map(describe).join('; ')}`);
  return Object.freeze(result.data);
}

function readYaml(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FileUnreadable(
      file,
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : 'cannot be read',
    );
  }
  try {
    const value: unknown = parse(text);
    if (value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value))
      throw new SettingsError(`${file}: must hold keys and values`);
    return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new SettingsError(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
  }
}

/** Replaces `${NAME}` in every string; a name the environment lacks stays, for whoever needs it to complain. */
function fillIn<T>(value: T, environment: Environment): T {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (written, name: string) => environment[name] ?? written) as T;
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, environment)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, environment)])) as T;
}

/** @throws SettingsError when a switch cannot be reached because the environment lacks a name its settings use. */
export function requireFilledIn(settings: Settings): void {
  const missing = JSON.stringify(settings.switches).match(/\$\{\w+\}/g);
  if (missing) throw new SettingsError(`the environment has no ${[...new Set(missing)].join(', ')}`);
}

function withEnvironment(written: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const { HOTLINE_TABLE: table, HOTLINE_HTTP_PORT: port, HOTLINE_REDIS: redis, HOTLINE_LOG_LEVEL: level } = environment;
  return {
    ...written,
    ...(table !== undefined && { table }),
    ...(redis !== undefined && { redis }),
    ...(port !== undefined && { http: { ...(written.http as object | undefined), port: Number(port) } }),
    ...(level !== undefined && { log: { level } }),
  };
}

const describe = (issue: z.core.$ZodIssue): string => `${issue.path.join('.') || 'settings'}: ${issue.message}`;
