/** Named lists of callers: whole numbers, and beginnings of numbers (`0591*`). Both sides are normalised alike. */
import { normalCaller, normalStart } from './numbering.ts';
import type { CallerList } from './table.ts';

/** A list of good shape, compiled. */
export const compileCallers = (id: string, entries: readonly string[]): CallerList => {
  const numbers = new Set<string>();
  const starts = new Map<number, Set<string>>();
  for (const entry of entries) {
    if (!entry.endsWith('*')) {
      numbers.add(normalCaller(entry) ?? entry);
      continue;
    }
    const start = normalStart(entry.slice(0, -1));
    starts.set(start.length, (starts.get(start.length) ?? new Set()).add(start));
  }
  return { id, numbers, starts };
};

/** @param caller as `normalCaller` gives it; null: withheld, and in no list */
export const isListed = ({ numbers, starts }: CallerList, caller: string | null): boolean => {
  if (caller === null) return false;
  if (numbers.has(caller)) return true;
  for (const [length, beginnings] of starts) if (beginnings.has(caller.slice(0, length))) return true;
  return false;
};
