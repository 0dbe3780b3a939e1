/**
 * The audit trail: one line of NDJSON for each change asked for with a known token, written before the answer is sent.
 * Only the user of the service can read the file. At `ROTATED_BYTES` it is renamed to `FILE.1`, in place of the older one.
 */
import { createHash } from 'node:crypto';
import { appendFile, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import type { Role } from './roles.ts';

const ROTATED_BYTES = 32 * 1024 * 1024;
/** Most that is read back: some thousand entries. */
const READ_AT_MOST_BYTES = 1024 * 1024;
const OWN_ONLY = 0o600;
/** A longer text is replaced by its beginning, its length and its hash. */
const LONGEST_TEXT = 200;

export interface AuditEntry {
  /** ISO 8601 */
  readonly at: string;
  /** Name of the token. */
  readonly who: string;
  readonly role: Role;
  readonly address: string;
  /** A command on a machine, or any other program. */
  readonly from: 'http' | 'cli';
  /** Operation of the OpenAPI document, e.g. `reloadTable`. */
  readonly what: string;
  readonly path: string;
  /** What the body held, long texts shortened. */
  readonly asked: unknown;
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string;
}

/** A body as the trail keeps it. */
export const shortened = (value: unknown): unknown => {
  if (typeof value === 'string' && value.length > LONGEST_TEXT) {
    const hash = createHash('sha256').update(value).digest('hex').slice(0, 16);
    return `${value.slice(0, 40)}… (${value.length} characters, sha256 ${hash})`;
  }
  if (Array.isArray(value)) return value.slice(0, 50).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.slice(0, 100), shortened(each)]));
};

const parsed = (line: string): readonly AuditEntry[] => {
  try {
    return [JSON.parse(line) as AuditEntry];
  } catch {
    return []; // part of a line, cut off where reading began
  }
};

export class AuditTrail {
  readonly #file: string;
  readonly #log: Logger;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** Resolves when the entry is in the file. If it cannot be written it goes to the log: a full disk stops no change. */
  add(entry: AuditEntry): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#append(`${JSON.stringify(entry)}\n`);
      } catch (error) {
        this.#log.error({ entry, reason: String(error) }, 'the audit trail cannot be written; the entry is here only');
      }
    });
    return this.#writing;
  }

  /** The newest first. */
  async last(atMost: number): Promise<readonly AuditEntry[]> {
    await this.#writing;
    const size = await this.#size();
    if (size === 0) return [];
    await using file = await open(this.#file, 'r');
    const length = Math.min(size, READ_AT_MOST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').toReversed();
    return lines.flatMap(parsed).slice(0, atMost);
  }

  async #append(line: string): Promise<void> {
    if ((await this.#size()) > ROTATED_BYTES) await rename(this.#file, `${this.#file}.1`);
    await makeFolder(dirname(this.#file));
    await appendFile(this.#file, line, { mode: OWN_ONLY });
  }

  async #size(): Promise<number> {
    try {
      return (await stat(this.#file)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }
}
