/** What the environment says: variables that win over the settings file, and those that are filled into it. */
import { SettingsError } from '../base/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that win over the key of the settings they stand for. */
const VARIABLES: Readonly<Record<string, string>> = {
  'http.port': 'HOTLINE_HTTP_PORT',
  redis: 'HOTLINE_REDIS',
  'log.level': 'HOTLINE_LOG_LEVEL',
};

/** The variable that a key's value came from; undefined: it came from the file. */
export const variableFor = (key: string, environment: Environment): string | undefined => {
  const variable = VARIABLES[key];
  return variable !== undefined && environment[variable] !== undefined ? variable : undefined;
};

/** `HOTLINE_X=` in a unit file or a compose file is how people write "not set". */
export const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== '' || !name.startsWith('HOTLINE_')),
  );

/** Replaces `${NAME}` in every string. A name that the environment lacks stays; {@link requireNamesIn} complains of it. */
export function fillIn<T>(value: T, environment: Environment): T {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (written, name: string) => environment[name] ?? written) as T;
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, environment)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, environment)])) as T;
}

/** @throws SettingsError when a value still has a name in it that the environment lacks. */
export function requireNamesIn(value: unknown): void {
  const missing = JSON.stringify(value).match(/\$\{\w+\}/g);
  if (missing) throw new SettingsError(`the environment has no ${[...new Set(missing)].join(', ')}`);
}

/** The settings as written, with what the environment says in their place. */
export function overridden(written: Record<string, unknown>, environment: Environment): Record<string, unknown> {
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
