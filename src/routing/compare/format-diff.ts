/** A diff as lines for a person: what moves in the same way is one line, however many regions or numbers it is. */

import type { TableDiff } from './diff.ts';
import type { Move } from './moves.ts';
import { formatTableChange } from './table-change.ts';

/** Moves of one number that read alike. */
interface Group {
  readonly words: string;
  readonly moves: readonly Move[];
}

/** A line before numbers are folded: the number, and what is said of it. */
interface Line {
  readonly number: string;
  readonly scope: string;
  readonly rest: string;
}

/** Regions that a line names one by one. */
const namedAtMost = 3;
/** Numbers that move alike and have a line each. */
const linesAtMost = 4;

const asWritten = ({ words }: Move): string => words;

const forEveryRegion = ({ wordsForAnyRegion }: Move): string => wordsForAnyRegion;

const groupBy = (moves: readonly Move[], wordsOf: (move: Move) => string): readonly Group[] => {
  const worded = moves.map((move) => ({ move, words: wordsOf(move) }));
  const groups = Map.groupBy(worded, ({ move, words }) => JSON.stringify([words, move.which, move.at]));
  return Array.from(groups.values(), (group) => ({
    words: group[0]?.words ?? '',
    moves: group.map(({ move }) => move),
  }));
};

/** Groups moves that read word for word the same, then those that would with `{region}` in place of the region. */
const groupsOf = (moves: readonly Move[]): readonly Group[] => {
  const literal = groupBy(moves, asWritten);
  const single = literal.flatMap((group) => (group.moves.length === 1 ? group.moves : []));
  const generic = groupBy(single, forEveryRegion).map((group) => {
    const [only] = group.moves;
    return group.moves.length === 1 && only !== undefined ? { ...group, words: asWritten(only) } : group;
  });
  const rank = (group: Group): number => moves.indexOf(group.moves[0] as Move);
  return [...literal.filter((group) => group.moves.length > 1), ...generic].sort((a, b) => rank(a) - rank(b));
};

/** `in xiamen`, `in 10 regions`, `everywhere`; and, for those not named, which they are. */
const regionWords = (regions: readonly string[], all: readonly string[]): { where: string; note: string } => {
  const others = all.filter((region) => !regions.includes(region));
  if (others.length === 0 && regions.length > 1) return { where: 'everywhere', note: '' };
  if (regions.length <= namedAtMost) return { where: `in ${regions.join(', ')}`, note: '' };
  const note = others.length <= namedAtMost ? `all but ${others.join(', ')}` : regions.join(', ');
  return { where: `in ${regions.length} regions`, note: ` (${note})` };
};

const timeWords = ({ always, at }: Move, timeZone: string): string => {
  if (always) return '';
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return ` at ${at.map((instant) => format.format(new Date(instant))).join(', ')}`;
};

const linesOf = (diff: TableDiff, number: string, ofNumber: readonly Move[]): readonly Line[] =>
  groupsOf(ofNumber).flatMap(({ words, moves }) => {
    const [first] = moves;
    if (first === undefined) return [];
    const regions = [...new Set(moves.map(({ region }) => region))];
    const { where, note } = regionWords(regions, diff.regionsOf[number] ?? []);
    const which = first.which === '' ? '' : ` ${first.which}`;
    const scope = `${where}${which}${timeWords(first, diff.timeZone)}`;
    return [{ number, scope, rest: `${words}${note}` }];
  });

const listed = (numbers: readonly string[], atMost: number): string => {
  const more = numbers.length - atMost;
  return `${numbers.slice(0, atMost).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const foldNumbers = (lines: readonly Line[], listedAtMost: number): readonly string[] => {
  const alike = Map.groupBy(lines, ({ scope, rest }) => `${scope}: ${rest}`);
  return Array.from(alike, ([key, group]) => {
    const numbers = group.map(({ number }) => number);
    if (numbers.length > linesAtMost) return [`${numbers.length} numbers ${key} [${listed(numbers, listedAtMost)}]`];
    return numbers.map((number) => `${number} ${key}`);
  }).flat();
};

const moveLines = (diff: TableDiff, listedAtMost: number): readonly string[] => {
  const byNumber = Map.groupBy(diff.moves, ({ number }) => number);
  return foldNumbers(Array.from(byNumber, ([number, moves]) => linesOf(diff, number, moves)).flat(), listedAtMost);
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * e.g. `12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen`, then what else differs, then how many numbers
 * go as they did.
 *
 * @param listedAtMost so many of the numbers that move alike are named in their line.
 */
export const formatDiff = (diff: TableDiff, listedAtMost = Number.POSITIVE_INFINITY): string[] => [
  ...(diff.moves.length === 0 ? ['nothing moves'] : moveLines(diff, listedAtMost)),
  ...diff.changes.map((change) => `also changed: ${formatTableChange(change)}`),
  `${plural(diff.numbersUnchanged.length, 'number')} unchanged`,
];
