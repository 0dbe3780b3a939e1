/**
 * Which table a controller starts on. The table's file is a request that the machine makes when the file changes, not
 * a standing truth: docs/decisions/0041.
 */
import { compareStandings, type Standing } from './fleet/standing.ts';
import type { LastKnownGood } from './store/store.ts';

/** Where a table may come from at start, and in which order they are tried. */
export type Origin = 'fleet' | 'last' | 'file';

export interface StartPlan {
  readonly tryInOrder: readonly Origin[];
  /** The file has changed since this controller last looked, and nobody has decided otherwise meanwhile: then it is a reload. */
  readonly isFileAsked: boolean;
}

/**
 * @param fileContent of the table's file now; undefined: it cannot be read.
 * @param fleet where the fleet stands; null: nowhere yet; undefined: it cannot be asked, or there is none.
 */
export function planStart(
  last: LastKnownGood | undefined,
  fileContent: string | undefined,
  fleet: Standing | null | undefined,
): StartPlan {
  const isChanged = last !== undefined && fileContent !== undefined && last.fileContent !== fileContent;
  if (fleet) {
    const order = last === undefined || last.standing.counter === 0 ? -1 : compareStandings(last.standing, fleet);
    if (order > 0) return { tryInOrder: ['last', 'fleet', 'file'], isFileAsked: isChanged };
    return { tryInOrder: ['fleet', 'last', 'file'], isFileAsked: isChanged && order === 0 };
  }
  if (last === undefined) return { tryInOrder: ['file'], isFileAsked: false };
  if (fleet === null) return { tryInOrder: ['last', 'file'], isFileAsked: isChanged };
  return { tryInOrder: isChanged ? ['file', 'last'] : ['last', 'file'], isFileAsked: false };
}
