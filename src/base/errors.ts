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

/** The settings file or an environment variable is wrong. */
export class SettingsError extends HotlineError {
  readonly code = 'SETTINGS_INVALID';
  readonly exitCode = 2;
}

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
export class FileUnreadable extends HotlineError {
  readonly code = 'FILE_UNREADABLE';
  readonly exitCode = 2;
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
export class FileUnwritable extends HotlineError {
  readonly code = 'FILE_UNWRITABLE';
  readonly exitCode = 2;
  constructor(file: string, reason: string) {
    super(`${file}: cannot be written (${reason})`);
  }
}

/** The routing table has errors: the service does not start on it, a running one keeps the table it has. */
export class TableRefused extends HotlineError {
  readonly code = 'TABLE_REFUSED';
  readonly exitCode = 1;
  /** What is wrong and where, in reading order: problems as `routing/problems.ts` has them. */
  readonly problems: readonly object[];
  constructor(message: string, problems: readonly object[] = []) {
    super(message);
    this.problems = Array.isArray(problems) ? problems : [];
  }
}

/** Another change came first: what was asked for started from a revision that is no longer live. */
export class TableConflict extends HotlineError {
  readonly code = 'CONFLICT';
  readonly exitCode = 1;
}

/** A change moves more numbers, or more calls, than one may without being told to. */
export class ChangeTooLarge extends HotlineError {
  readonly code = 'CHANGE_TOO_LARGE';
  readonly exitCode = 1;
}

/** No such revision is kept, or there is none before the live one. */
export class NoSuchRevision extends HotlineError {
  readonly code = 'NO_SUCH_REVISION';
  readonly exitCode = 1;
}

/** There is no canary to promote. */
export class NoCanary extends HotlineError {
  readonly code = 'NO_CANARY';
  readonly exitCode = 1;
}

/** The disk does not take a revision, so it does not go live. */
export class TableNotKept extends HotlineError {
  readonly code = 'TABLE_NOT_KEPT';
  readonly exitCode = 3;
  /** What is wrong, and nothing of what becomes of the table. */
  readonly fault: string;
  constructor(folder: string, reason: string) {
    const fault = `${folder}: cannot be written (${reason})`;
    super(`${fault}; the live table stays`);
    this.fault = fault;
  }
}

/** A request to the running service is not shaped as it has to be, or names what the table does not have. */
export class BadRequest extends HotlineError {
  readonly code = 'BAD_REQUEST';
  readonly exitCode = 2;
}

/** A request came without a token that the service knows. */
export class Unauthorised extends HotlineError {
  readonly code = 'UNAUTHORISED';
  readonly exitCode = 3;
}

/** The token is known, and its role may not do this. */
export class Forbidden extends HotlineError {
  readonly code = 'FORBIDDEN';
  readonly exitCode = 3;
}

/** Somebody asks more often than they may. */
export class TooManyRequests extends HotlineError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly exitCode = 3;
  /** After this long one more is let through. */
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No such call is up, none of that id is in the records, or none is on the list of missed calls. */
export class NoSuchCall extends HotlineError {
  readonly code = 'NO_SUCH_CALL';
  readonly exitCode = 1;
}

/** No controller answers where the settings say one is. */
export class ServiceUnreachable extends HotlineError {
  readonly code = 'SERVICE_UNREACHABLE';
  readonly exitCode = 3;
}

/** The PBX refused our user or password; trying again would not help. */
export class SwitchRefused extends HotlineError {
  readonly code = 'SWITCH_REFUSED';
  readonly exitCode = 3;
}

/** The address of the HTTP server is taken or not ours. */
export class PortTaken extends HotlineError {
  readonly code = 'PORT_TAKEN';
  readonly exitCode = 3;
}

/** The lab could not be made ready; the message says what is missing. */
export class LabUnavailable extends HotlineError {
  readonly code = 'LAB_UNAVAILABLE';
  readonly exitCode = 3;
}

/** A prompt could not be spoken or converted. */
export class PromptBuildFailed extends HotlineError {
  readonly code = 'PROMPT_BUILD_FAILED';
  readonly exitCode = 3;
}
