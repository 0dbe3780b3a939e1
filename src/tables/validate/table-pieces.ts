/**
 * A compiled table, taken apart to cross from one thread to another. Crossing is copying, and copying 100,000 rules at
 * once would hold up every call for half a second: so it goes in pieces of about a millisecond each.
 */
import type { Expectation, HotlineNumber, Rule, Table } from '../../routing/table.ts';
import { ZoneClock } from '../../routing/time/zone-clock.ts';

/** Rules, or entries of any other part, in one piece. */
const MOST_IN_A_PIECE = 500;

type MapPart = {
  [Part in keyof Table]: Table[Part] extends ReadonlyMap<string, unknown> ? Part : never;
}[keyof Table];

export type TablePiece =
  /** What is not a map; the first piece. */
  | ({ readonly is: 'base'; readonly timeZone: string } & Pick<Table, 'revision' | 'apology' | 'handOvers'>)
  | { readonly is: 'entries'; readonly part: MapPart; readonly entries: readonly (readonly [string, unknown])[] }
  /** More rules of the last number. */
  | { readonly is: 'rules'; readonly rules: readonly Rule[] }
  | { readonly is: 'expectations'; readonly expectations: readonly Expectation[] };

function* slicesOf<T>(all: Iterable<T>): Generator<readonly T[]> {
  let slice: T[] = [];
  for (const each of all) {
    slice.push(each);
    if (slice.length < MOST_IN_A_PIECE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

/** Numbers of few rules together, the rules of one that has many by themselves. */
function* numberPieces(numbers: ReadonlyMap<string, HotlineNumber>): Generator<TablePiece> {
  let entries: (readonly [string, HotlineNumber])[] = [];
  let weight = 0;
  for (const [id, number] of numbers) {
    const isLong = number.rules.length > MOST_IN_A_PIECE;
    entries.push([id, isLong ? { ...number, rules: [] } : number]);
    weight += number.rules.length + 1;
    if (weight < MOST_IN_A_PIECE) continue;
    yield { is: 'entries', part: 'numbers', entries };
    if (isLong) for (const rules of slicesOf(number.rules)) yield { is: 'rules', rules };
    entries = [];
    weight = 0;
  }
  if (entries.length > 0) yield { is: 'entries', part: 'numbers', entries };
}

export function* takeApart(table: Table): Generator<TablePiece> {
  const { revision, clock, apology, handOvers } = table;
  yield { is: 'base', revision, timeZone: clock.timeZone, apology, handOvers };
  for (const [part, value] of Object.entries(table)) {
    if (part === 'numbers' || !(value instanceof Map)) continue;
    yield { is: 'entries', part: part as MapPart, entries: [] }; // there, though there may be nothing in it
    for (const entries of slicesOf(value as Map<string, unknown>))
      yield { is: 'entries', part: part as MapPart, entries };
  }
  yield* numberPieces(table.numbers);
  for (const expectations of slicesOf(table.expectations)) yield { is: 'expectations', expectations };
}

/** Puts a table together again, piece by piece. */
export class TableInPieces {
  readonly #maps = new Map<MapPart, Map<string, unknown>>([['numbers', new Map()]]);
  readonly #expectations: Expectation[] = [];
  #base: Extract<TablePiece, { is: 'base' }> | undefined;
  #rules: Rule[] = [];

  take(piece: TablePiece): void {
    if (piece.is === 'base') this.#base = piece;
    else if (piece.is === 'expectations') this.#expectations.push(...piece.expectations);
    else if (piece.is === 'rules') this.#rules.push(...piece.rules);
    else this.#takeEntries(piece.part, piece.entries);
  }

  whole(): Table {
    if (this.#base === undefined) throw new Error('a table without its first piece');
    const { revision, timeZone, apology, handOvers } = this.#base;
    const clock = new ZoneClock(timeZone);
    const rest = { revision, clock, apology, handOvers, expectations: this.#expectations };
    const maps = Object.fromEntries(this.#maps) as unknown as Omit<Table, keyof typeof rest>; // all that `takeApart` sent
    return Object.freeze({ ...maps, ...rest });
  }

  #takeEntries(part: MapPart, entries: readonly (readonly [string, unknown])[]): void {
    const map = this.#maps.get(part) ?? new Map<string, unknown>();
    this.#maps.set(part, map);
    for (const [id, entry] of entries) map.set(id, Object.freeze(entry));
    const [, last] = entries.at(-1) ?? [];
    if (part === 'numbers') this.#rules = (last as { rules: Rule[] }).rules;
  }
}
