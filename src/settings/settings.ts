/** Service settings: `config/hotline.yaml` and the environment, once, into one frozen object. */
import { hostname } from 'node:os';
import { z } from 'zod';
import { FileUnreadable, SettingsError } from '../base/errors.ts';
import { defaultTable, fromProject } from '../base/project.ts';
import { type Environment, fillIn, overridden, requireNamesIn, variableFor, withoutEmpty } from './environment.ts';
import { feedSchema } from './feed.ts';
import { path } from './fields.ts';
import { readYaml } from './file.ts';
import { httpSchema } from './http.ts';
import { formatIssue, unknownByKey } from './problems.ts';
import { switchesSchema } from './switches.ts';

const share = z.number().min(0).max(1);

/** How a changed table goes live, and what holds it up. */
const reloadSchema = z.strictObject({
  watch: z.boolean().default(true),
  settleMs: z.int().min(10).max(60_000).default(300),
  mostNumbersMoved: share.default(0.25),
  mostCallsMoved: share.default(0.25),
  dir: path.prefault('var/tables'),
  canary: z.strictObject({ leastCalls: z.int().min(1).default(50), margin: share.default(0.05) }).prefault({}),
});

const recordingsSchema = z.strictObject({
  /** As this service sees the folder; how a PBX sees it is in its own settings. */
  dir: path,
  keepDays: z.int().min(1).max(36_500).default(90),
  /** Megabytes of 1,000,000 bytes; with less free, no recording begins. */
  leastFreeMb: z.int().min(0).default(1_000),
});

const stopSchema = z.strictObject({
  drainSeconds: z.number().min(0).max(3_600).default(5),
  waiting: z.enum(['give-back', 'keep']).default('give-back'),
});

const promptsSchema = z.strictObject({
  dir: path.prefault('var/prompts'),
  supplied: path.prefault('config/prompts'),
  synthesiser: z.array(z.string()).min(1).optional(),
});

const schema = z.strictObject({
  /** Of this controller among those of a fleet. */
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, . _ and - only')
    .default(() => `${hostname()}-${process.pid}`),
  table: path.prefault(defaultTable),
  reload: reloadSchema.prefault({}),
  switches: switchesSchema.default([]),
  redis: z.url({ protocol: /^rediss?$/, error: 'an address like redis://127.0.0.1:6379 is asked for' }).optional(),
  records: path.prefault('var/records.ndjson'),
  /** Without it nothing is recorded, whatever the table asks for. */
  recordings: recordingsSchema.optional(),
  feed: feedSchema.prefault({}),
  http: httpSchema.prefault({}),
  stop: stopSchema.prefault({}),
  prompts: promptsSchema.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});

export type Settings = z.infer<typeof schema>;

/**
 * For commands that also work where no service is set up: without the file of settings, the defaults stand. Settings that
 * are named, or there and wrong, must be put right.
 *
 * @throws FileUnreadable, SettingsError
 */
export function settingsIfAny(environment: Environment): Settings {
  try {
    return readSettings(environment);
  } catch (error) {
    if (!(error instanceof FileUnreadable) || environment.HOTLINE_SETTINGS) throw error;
    return Object.freeze({
      ...defaultSettings(),
      ...(environment.HOTLINE_TABLE && { table: environment.HOTLINE_TABLE }),
    });
  }
}

/** What holds where no settings are written. */
export const defaultSettings = (): Settings => Object.freeze(schema.parse({}));

/**
 * @param given `HOTLINE_SETTINGS` names another file; `HOTLINE_TABLE`, `HOTLINE_HTTP_PORT`, `HOTLINE_REDIS` and
 * `HOTLINE_LOG_LEVEL` win over what the file says. One that is empty counts as not set.
 * @throws FileUnreadable, SettingsError (one line, all problems)
 */
export function readSettings(given: Environment): Settings {
  const environment = withoutEmpty(given);
  const { HOTLINE_SETTINGS: file = fromProject('config/hotline.yaml'), HOTLINE_TABLE: table } = environment;
  const { value, placeOf } = readYaml(file);
  const result = schema.safeParse(overridden(fillIn(value, environment), environment), { error: formatIssue });
  if (result.success) return Object.freeze({ ...result.data, ...(table !== undefined && { table }) });
  const problems = result.error.issues.flatMap(unknownByKey).map(({ path: keys, message }) => {
    const key = keys.join('.');
    const variable = variableFor(key, environment);
    return variable === undefined ? `${placeOf(keys)}: ${key || 'settings'}: ${message}` : `${variable}: ${message}`;
  });
  throw new SettingsError(problems.join('; '));
}

/**
 * @throws SettingsError when the environment lacks a name that the settings of a switch, Redis, a token or a sink use: it
 * could not be reached, or would not be a secret.
 */
export const requireFilledIn = ({ switches, redis, http, feed }: Settings): void =>
  requireNamesIn([switches, redis, http.tokens, feed]);
