/**
 * Which table a controller starts on. A changed table file is a request, and does not simply win: docs/decisions/0041.
 */
import { FileUnreadable, TableRefused } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { inShort, type Problem } from '../routing/problems.ts';
import { compareDeployments, type DeploymentState } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Revisions } from './revisions.ts';
import { Running, type TableSource, type Trouble } from './running.ts';
import type { Revision } from './source/sources.ts';
import type { Corrupt, LastKnownGood, TableStore } from './store/store.ts';
import { inlineValidator } from './validate/validator.ts';

export interface BootstrapParts {
  readonly file: string;
  readonly store: TableStore;
  readonly fleet: Fleet;
  readonly revisions: Revisions;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export interface Bootstrapped {
  readonly running: Running;
  readonly isFileAsked: boolean;
  /** Started on the file, without a decision by anybody. */
  readonly isFromFile: boolean;
}

/** The table's file as it is found at start. */
interface FileFound {
  readonly content: string | null;
  readonly revision: Revision | undefined;
  readonly prefixList: string | undefined;
  readonly problems: readonly Problem[];
  /** Why it is not good, in one line. */
  readonly wrong: string | undefined;
}

/** No call is taken yet, so no thread is started for this. */
const lookAtFile = async ({ file, now }: BootstrapParts): Promise<FileFound> => {
  try {
    const found = await inlineValidator.validateFile(file, now());
    return { ...found, wrong: found.revision ? undefined : inShort(found.problems) };
  } catch (error) {
    if (!(error instanceof FileUnreadable)) throw error;
    return { content: null, revision: undefined, prefixList: undefined, problems: [], wrong: error.message };
  }
};

/** All that there is at start. */
interface Found {
  readonly file: FileFound;
  readonly last: LastKnownGood | undefined;
  /** Null: nothing decided yet; undefined: the fleet cannot be reached. */
  readonly fleet: DeploymentState | null | undefined;
  readonly corrupt: readonly Corrupt[];
}

/** Where a table may come from at start. */
type Origin = 'fleet' | 'last' | 'file';

interface StartPlan {
  readonly tryInOrder: readonly Origin[];
  /** The file has changed since this controller last saw it, and the fleet has not moved on: it is to be reloaded. */
  readonly isFileAsked: boolean;
}

/**
 * @param fileContent of the table's file now; undefined: it cannot be read.
 * @param fleet the fleet's state; null: nothing decided yet; undefined: it cannot be reached, or there is none.
 */
function planStart(
  last: LastKnownGood | undefined,
  fileContent: string | undefined,
  fleet: DeploymentState | null | undefined,
): StartPlan {
  const isChanged = last !== undefined && fileContent !== undefined && last.fileContent !== fileContent;
  if (fleet) {
    const order = last === undefined || last.deployment.counter === 0 ? -1 : compareDeployments(last.deployment, fleet);
    if (order > 0) return { tryInOrder: ['last', 'fleet', 'file'], isFileAsked: isChanged };
    return { tryInOrder: ['fleet', 'last', 'file'], isFileAsked: isChanged && order === 0 };
  }
  if (last === undefined) return { tryInOrder: ['file'], isFileAsked: false };
  if (fleet === null) return { tryInOrder: ['last', 'file'], isFileAsked: isChanged };
  return { tryInOrder: isChanged ? ['file', 'last'] : ['last', 'file'], isFileAsked: false };
}

/** Tries one origin after the other; why the earlier ones could not be used becomes a problem of the table. */
class Bootstrap {
  readonly #parts: BootstrapParts;
  readonly #file: FileFound;
  readonly #last: LastKnownGood | undefined;
  readonly #fleet: DeploymentState | undefined;
  readonly #troubles = new Map<Trouble, string>();

  constructor(parts: BootstrapParts, found: Found) {
    const { file, last, fleet, corrupt } = found;
    this.#parts = parts;
    this.#file = file;
    this.#last = last;
    this.#fleet = fleet ?? undefined;
    if (corrupt.length > 0) this.#troubles.set('kept', corrupt.join('; '));
    if (file.wrong !== undefined) this.#troubles.set('file', `the table's file is not live: ${file.wrong}`);
  }

  async first(order: readonly Origin[]): Promise<{ running: Running; origin: Origin } | undefined> {
    for (const origin of order) {
      const running = origin === 'file' ? this.#fromFile() : await this.#fromDeployment(origin);
      if (running) return { running, origin };
    }
    const running = await this.#fromAnyKept();
    return running && { running, origin: 'last' };
  }

  /** Nothing says what should be live: a revision that was valid once is better than no service. */
  async #fromAnyKept(): Promise<Running | undefined> {
    for (const revision of await this.#parts.store.revisionsToTry()) {
      const live = await this.#parts.revisions.find(revision);
      if ('missing' in live) continue;
      const summary = `started on revision ${revision}, the newest good one kept on disk`;
      const when = new Date(this.#parts.now()).toISOString();
      const deployment = { counter: 0, when, revision, previous: null, canary: null, who: 'start-up', summary };
      this.#troubles.set('kept', [this.#troubles.get('kept'), summary].filter(Boolean).join('; '));
      return this.#running({ deployment, live, canary: undefined }, 'last-known-good');
    }
    return undefined;
  }

  #fromFile(): Running | undefined {
    const live = this.#file.revision;
    if (live === undefined) return undefined;
    const { revision } = live.table;
    const before = this.#last?.deployment;
    const when = new Date(this.#parts.now()).toISOString();
    const previous =
      before === undefined || before.revision === revision ? (before?.previous ?? null) : before.revision;
    // The counter stays, so that a fleet that has moved on meanwhile wins.
    const place = { counter: before?.counter ?? 0, when, revision, previous, canary: null };
    const deployment = { ...place, who: 'start-up', summary: `started on ${this.#parts.file}` };
    return this.#running({ deployment, live, canary: undefined }, 'file');
  }

  async #fromDeployment(origin: 'fleet' | 'last'): Promise<Running | undefined> {
    const deployment = origin === 'fleet' ? this.#fleet : this.#last?.deployment;
    if (deployment === undefined) return undefined;
    const live = await this.#parts.revisions.find(deployment.revision);
    const tried = deployment.canary === null ? undefined : await this.#parts.revisions.find(deployment.canary.revision);
    if ('missing' in live || (tried && 'missing' in tried)) {
      const why = 'missing' in live ? live.missing : tried && 'missing' in tried ? tried.missing : '';
      this.#troubles.set(origin === 'fleet' ? 'fleet' : 'disk', why);
      return undefined;
    }
    const canary = tried && deployment.canary ? { revision: tried, scope: deployment.canary.reach } : undefined;
    const isFile = this.#file.revision?.table.revision === deployment.revision;
    const source = origin === 'fleet' ? 'redis' : isFile ? 'file' : 'last-known-good';
    return this.#running({ deployment, live, canary }, source);
  }

  #running(run: Running['run'], source: TableSource): Running {
    const { content, revision, prefixList } = this.#file;
    const file = { content, revision: revision?.table.revision ?? null, prefixList };
    return new Running(run, source, file, this.#troubles);
  }
}

/**
 * Starts on the table that {@link planStart} says, or on the next best.
 * @throws TableRefused, after every problem went to the log, when there is none to start on.
 */
export async function bootstrap(parts: BootstrapParts): Promise<Bootstrapped> {
  const [last, corrupt, file, fleet] = await Promise.all([
    parts.store.lastKnownGood(),
    parts.store.corrupt(),
    lookAtFile(parts),
    parts.fleet.deployment(),
  ]);
  if (file.revision) parts.revisions.remember(file.revision);
  const plan = planStart(last, file.content ?? undefined, fleet);
  const found = await new Bootstrap(parts, { file, last, fleet, corrupt }).first(plan.tryInOrder);
  if (found === undefined) {
    if (file.problems.length === 0)
      throw new FileUnreadable(parts.file, (file.wrong ?? '').replace(`${parts.file}: `, ''));
    throw new TableRefused(`${parts.file} is not good; the service does not start on it`, file.problems);
  }
  const { revision, source, problem } = found.running.state;
  if (problem !== undefined) parts.log.error({ revision, source }, `started, but: ${problem}`);
  return { running: found.running, isFileAsked: plan.isFileAsked, isFromFile: found.origin === 'file' };
}
