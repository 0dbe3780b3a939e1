/**
 * Every error a user can meet has a class here, a code, and a row in `docs/errors.md`; a test holds the three together.
 * Problems inside a routing table are data, not errors: see `routing/problems.ts`.
 */

/** An error whose message is one line meant for a person: no stack trace of it is ever shown. */
export abstract class HotlineError extends Error {
  /** Stable, upper-case with underscores; what people search for. */
  abstract readonly code: string;
  /** Exit code when it ends a command: 1 not good, 2 wrong usage, 3 a service could not be reached. */
  abstract readonly exitCode: 1 | 2 | 3;
}

/** Exit code of each when it ends a command: 1 not good, 2 wrong usage, 3 a service could not be reached. */
const EXIT_CODES = {
  SETTINGS_INVALID: 2,
  FILE_UNREADABLE: 2,
  FILE_UNWRITABLE: 2,
  TABLE_REFUSED: 1,
  CONFLICT: 1,
  CHANGE_TOO_LARGE: 1,
  NO_SUCH_REVISION: 1,
  NO_CANARY: 1,
  TABLE_NOT_KEPT: 3,
  BAD_REQUEST: 2,
  UNAUTHORISED: 3,
  FORBIDDEN: 3,
  TOO_MANY_REQUESTS: 3,
  NO_SUCH_CALL: 1,
  SERVICE_UNREACHABLE: 3,
  SWITCH_REFUSED: 3,
  PORT_TAKEN: 3,
  LAB_UNAVAILABLE: 3,
  PROMPT_BUILD_FAILED: 3,
} as const;

/** Of a code that has no row, which is not good and no more: refusals of a request on a call, say. */
export const exitCodeOf = (code: string): 1 | 2 | 3 =>
  Object.hasOwn(EXIT_CODES, code) ? EXIT_CODES[code as keyof typeof EXIT_CODES] : 1;

const coded = (code: keyof typeof EXIT_CODES) =>
  class extends HotlineError {
    readonly code = code;
    readonly exitCode = EXIT_CODES[code];
  };

/** The settings file or an environment variable is wrong. */
export class SettingsError extends coded('SETTINGS_INVALID') {}

const unreadableBecause: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'this is a directory',
  EACCES: 'no permission to read it',
  ELOOP: 'symbolic links that lead in a circle',
  ENOTDIR: 'a part of the path is no folder',
  ENXIO: 'not a regular file',
  Z_DATA_ERROR: 'its name ends in .gz, and it is not gzip data or is damaged',
  Z_BUF_ERROR: 'compressed, and cut off before its end',
};

/** A file that was named cannot be read. */
export class FileUnreadable extends coded('FILE_UNREADABLE') {
  readonly file: string;
  readonly reason: string;
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.file = file;
    this.reason = reason;
  }

  /** What the file system said, in words where there are some. */
  static because(file: string, error: unknown): FileUnreadable {
    const { code, message } = error as NodeJS.ErrnoException;
    return new FileUnreadable(file, unreadableBecause[code ?? ''] ?? code ?? message);
  }
}

/** A file that was asked for cannot be written. */
export class FileUnwritable extends coded('FILE_UNWRITABLE') {
  constructor(file: string, reason: string) {
    super(`${file}: cannot be written (${reason})`);
  }
}

/** The routing table has errors: the service does not start on it, a running one keeps the table it has. */
export class TableRefused extends coded('TABLE_REFUSED') {
  /** What is wrong and where, in reading order: problems as `routing/problems.ts` has them. */
  readonly problems: readonly object[];
  constructor(message: string, problems: readonly object[] = []) {
    super(message);
    this.problems = Array.isArray(problems) ? problems : [];
  }
}

/** Another change came first: what was asked for started from a revision that is no longer live. */
export class TableConflict extends coded('CONFLICT') {}

/** A change moves more numbers, or more calls, than one may without being told to. */
export class ChangeTooLarge extends coded('CHANGE_TOO_LARGE') {}

/** No such revision is kept, or there is none before the live one. */
export class NoSuchRevision extends coded('NO_SUCH_REVISION') {}

/** There is no canary to promote. */
export class NoCanary extends coded('NO_CANARY') {}

/** The disk does not take a revision, so it does not go live. */
export class TableNotKept extends coded('TABLE_NOT_KEPT') {
  /** What is wrong, and nothing of what becomes of the table. */
  readonly fault: string;
  constructor(folder: string, reason: string) {
    const fault = `${folder}: cannot be written (${reason})`;
    super(`${fault}; the live table stays`);
    this.fault = fault;
  }
}

/** A request to the running service is not shaped as it has to be, or names what the table does not have. */
export class BadRequest extends coded('BAD_REQUEST') {}

/** A request came without a token that the service knows. */
export class Unauthorised extends coded('UNAUTHORISED') {}

/** The token is known, and its role may not do this. */
export class Forbidden extends coded('FORBIDDEN') {}

/** Somebody asks more often than they may. */
export class TooManyRequests extends coded('TOO_MANY_REQUESTS') {
  /** After this long one more is let through. */
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No such call is up, none of that id is in the records, or none is on the list of missed calls. */
export class NoSuchCall extends coded('NO_SUCH_CALL') {}

/** No controller answers where the settings say one is. */
export class ServiceUnreachable extends coded('SERVICE_UNREACHABLE') {}

/** The PBX refused our user or password; trying again would not help. */
export class SwitchRefused extends coded('SWITCH_REFUSED') {}

/** The address of the HTTP server is taken or not ours. */
export class PortTaken extends coded('PORT_TAKEN') {}

/** The lab could not be made ready; the message says what is missing. */
export class LabUnavailable extends coded('LAB_UNAVAILABLE') {}

/** A prompt could not be spoken or converted. */
export class PromptBuildFailed extends coded('PROMPT_BUILD_FAILED') {}
