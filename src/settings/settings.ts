/** Service settings: `config/hotline.yaml` and the environment, once, into one frozen object. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { FileUnreadable, SettingsError } from '../base/errors.ts';
import { defaultTable, fromProject } from '../base/project.ts';
import { feedShape } from './feed.ts';
import { recordingsShape } from './recordings.ts';
import { switchesShape } from './switches.ts';

/** What is written without a leading / starts at the project's root, wherever the service is started from. */
const path = z.string().min(1).transform(fromProject);

const PORT = 'a whole number from 0 to 65535 is asked for';

const share = z.number().min(0).max(1);

const tokenShape = z
  .strictObject({
    name: z.string().min(1).max(100),
    role: z.enum(['viewer', 'agent', 'supervisor', 'operator']),
    token: z.string().min(16, 'at least 16 characters are asked for'),
    /** An agent's phone as the PBX names it: a PJSIP endpoint, a user of FreeSWITCH. */
    endpoint: z.string().min(1).max(100).optional(),
  })
  .superRefine(({ role, endpoint }, { addIssue }) => {
    const complain = (message: string) => addIssue({ code: 'custom', path: ['endpoint'], message });
    if (role === 'agent' && endpoint === undefined) complain("an agent's token names the phone it is for");
    if (role !== 'agent' && endpoint !== undefined) complain(`only an agent has a phone, and this is a ${role}`);
  });

/** Two of one name could not be told apart in the history. */
const tokensShape = z.array(tokenShape).superRefine((tokens, { addIssue }) => {
  for (const [n, { name, token }] of tokens.entries()) {
    const earlier = tokens.slice(0, n);
    if (earlier.some((each) => each.name === name)) {
      addIssue({ code: 'custom', path: [n, 'name'], message: `${name} is another token's already` });
    }
    if (earlier.some((each) => each.token === token)) {
      addIssue({ code: 'custom', path: [n, 'token'], message: 'is the same as an earlier one' });
    }
  }
});

const reloadShape = z.strictObject({
  watch: z.boolean().default(true),
  settleMs: z.int().min(10).max(60_000).default(300),
  mostNumbersMoved: share.default(0.25),
  mostCallsMoved: share.default(0.25),
  dir: path.prefault('var/tables'),
  canary: z.strictObject({ leastCalls: z.int().min(1).default(50), margin: share.default(0.05) }).prefault({}),
});

const shape = z.strictObject({
  /** Among the controllers of a fleet; without it, host name and process id. */
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, . _ and - only')
    .optional(),
  table: path.prefault(defaultTable),
  reload: reloadShape.prefault({}),
  switches: switchesShape.default([]),
  redis: z.url({ protocol: /^rediss?$/, error: 'an address like redis://127.0.0.1:6379 is asked for' }).optional(),
  records: path.prefault('var/records.ndjson'),
  /** Without it nothing is recorded, whatever the table asks for. */
  recordings: recordingsShape.optional(),
  feed: feedShape.prefault({}),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int(PORT).min(0, PORT).max(65_535, PORT).default(8345),
      tokens: tokensShape.default([]),
      adminToken: path.prefault('var/admin-token'),
      audit: path.prefault('var/audit.ndjson'),
      limits: z
        .strictObject({
          perMinute: z.int().min(1).default(600),
          changesPerMinute: z.int().min(1).default(120),
        })
        .prefault({}),
    })
    .prefault({}),
  stop: z
    .strictObject({
      drainSeconds: z.number().min(0).max(3_600).default(5),
      waiting: z.enum(['give-back', 'keep']).default('give-back'),
    })
    .prefault({}),
  prompts: z
    .strictObject({
      dir: path.prefault('var/prompts'),
      supplied: path.prefault('config/prompts'),
      synthesiser: z.array(z.string()).min(1).optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});

export type Settings = z.infer<typeof shape>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A table can be looked at where no service is set up; settings that are named, or there and wrong, must be put right. */
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
export const defaultSettings = (): Settings => Object.freeze(shape.parse({}));

/** Variables that win over the key of the settings they stand for. */
const VARIABLES: Readonly<Record<string, string>> = {
  'http.port': 'HOTLINE_HTTP_PORT',
  redis: 'HOTLINE_REDIS',
  'log.level': 'HOTLINE_LOG_LEVEL',
};

/**
 * @param given `HOTLINE_SETTINGS` names another file; `HOTLINE_TABLE`, `HOTLINE_HTTP_PORT`, `HOTLINE_REDIS` and
 * `HOTLINE_LOG_LEVEL` win over what the file says. One that is empty counts as not set.
 * @throws FileUnreadable, SettingsError (one line, all problems)
 */
export function readSettings(given: Environment): Settings {
  const environment = withoutEmpty(given);
  const { HOTLINE_SETTINGS: file = fromProject('config/hotline.yaml'), HOTLINE_TABLE: table } = environment;
  const { value, placeOf } = readYaml(file);
  const result = shape.safeParse(withEnvironment(fillIn(value, environment), environment), { error: inWords });
  if (result.success) return Object.freeze({ ...result.data, ...(table !== undefined && { table }) });
  const problems = result.error.issues.flatMap(unknownByKey).map(({ path: keys, message }) => {
    const key = keys.join('.');
    const variable = VARIABLES[key];
    if (variable !== undefined && environment[variable] !== undefined) return `${variable}: ${message}`;
    return `${placeOf(keys)}: ${key || 'settings'}: ${message}`;
  });
  throw new SettingsError(problems.join('; '));
}

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'>;

/** A key that there is not is told where it stands, and each by itself. */
const unknownByKey = (issue: z.core.$ZodIssue): readonly Issue[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such setting' }))
    : [issue];

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** What is asked for, where a shape has no words of its own. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `${KINDS[issue.expected] ?? issue.expected} is asked for`;
    case 'invalid_value':
      return `one of ${issue.values.join(', ')} is asked for`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)} is asked for`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)} is asked for`;
    default:
      return undefined;
  }
};

const unitOf = (origin: string, count: number | bigint): string => {
  const isOne = Number(count) === 1;
  if (origin === 'string') return isOne ? ' character' : ' characters';
  if (origin !== 'array') return '';
  return isOne ? ' entry' : ' entries';
};

/** `HOTLINE_X=` in a unit file or a compose file is how people write "not set". */
const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== '' || !name.startsWith('HOTLINE_')),
  );

interface Written {
  readonly value: Record<string, unknown>;
  /** `file:line:column` of a key's value, or of the nearest thing around it that is written. */
  readonly placeOf: (keys: readonly PropertyKey[]) => string;
}

function readYaml(file: string): Written {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const [wrong] = document.errors;
  if (wrong) {
    const { line, col } = wrong.linePos?.[0] ?? { line: 1, col: 1 };
    throw new SettingsError(`${file}:${line}:${col}: ${wrong.message.split('\n')[0]}`);
  }
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new SettingsError(`${file}: must hold keys and values`);
  const placeOf: Written['placeOf'] = (keys) => {
    const node: unknown = keys.length === 0 ? document.contents : document.getIn(keys, true);
    if (!isNode(node) || !node.range) return keys.length === 0 ? `${file}:1:1` : placeOf(keys.slice(0, -1));
    const { line, col } = lines.linePos(node.range[0]);
    return `${file}:${line}:${col}`;
  };
  return { value: value as Record<string, unknown>, placeOf };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new FileUnreadable(
      file,
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : 'cannot be read',
    );
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

/** @throws SettingsError when a switch or Redis cannot be reached, or a token or a sink's secret is not one, because the environment lacks a name its settings use. */
export function requireFilledIn(settings: Settings): void {
  const missing = JSON.stringify([settings.switches, settings.redis, settings.http.tokens, settings.feed]).match(
    /\$\{\w+\}/g,
  );
  if (missing) throw new SettingsError(`the environment has no ${[...new Set(missing)].join(', ')}`);
}

function withEnvironment(written: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  const { HOTLINE_HTTP_PORT: port, HOTLINE_REDIS: redis, HOTLINE_LOG_LEVEL: level } = environment;
  return {
    ...written,
    ...(redis !== undefined && { redis }),
    ...(port !== undefined && {
      http: { ...(written.http as object | undefined), port: /^\d+$/.test(port) ? Number(port) : port },
    }),
    ...(level !== undefined && { log: { ...(written.log as object | undefined), level } }),
  };
}
