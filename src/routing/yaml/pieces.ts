/**
 * A large table, cut between the entries of its sections and read piece by piece. The library makes some twenty objects
 * for each word; a whole table's worth of them costs more in garbage collection than in reading. A piece is let go of
 * as soon as its values are there, and read again when a place in it is asked for.
 *
 * Cut only where YAML means the same in pieces: top-level keys at column 1, and under a top-level key that stands alone
 * on its line, the lines indented as the first of them is. What the library complains of in any piece, and whatever
 * reaches over a cut (quotes and brackets left open, anchors, further documents), is left to the reading of the whole.
 *
 * A text that is known to be broken is read in pieces too: a fault then costs its own piece and no other, and a quote
 * that is missing is told once, where it is missing.
 */
import type { TableProblemCode } from '../problems.ts';
import type { Path } from './path.ts';
import { readPlain } from './plain.ts';
import { Bare, type Report, twice } from './values.ts';

/** One piece, read by itself. */
interface Reading {
  readonly value: unknown;
  readonly complaints: readonly Complaint[];
  /** Where the first anchor is. */
  readonly anchorAt: number | undefined;
  offset(path: Path, part: 'key' | 'value'): number;
  written(path: Path): string | undefined;
}

/** What the library has against a text. */
export interface Complaint {
  readonly code: TableProblemCode;
  readonly message: string;
  readonly offset: number;
  /** Offset of what the message ends in the line of. */
  readonly earlier?: number | undefined;
}

/** Why a text cannot be read in pieces. */
export interface Uncut {
  readonly because: string;
  readonly offset: number;
}

type Read = (text: string, base: number, report: Report) => Reading;

export interface Pieces {
  readonly value: unknown;
  offset(path: Path, part: 'key' | 'value'): number;
  written(path: Path): string | undefined;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** The top-level key whose entries these are; undefined: top-level keys themselves. */
  readonly under: string | undefined;
}

/** A section whose entries are shared out among pieces. */
interface Section {
  /** Where its first entry begins. */
  readonly start: number;
  readonly entries: Record<string, unknown> | unknown[];
  /** The piece that an entry is in, and its place in there. */
  readonly places: Map<PropertyKey, { readonly piece: Piece; readonly key: PropertyKey; readonly offset: number }>;
}

const sectionHead = /^([A-Za-z]\w*):[ \t]*(?:#.*)?\r?$/;
const topKey = /^[A-Za-z$][\w$]*:(?:[ \t\r]|$)/;
const entryStart = /^( *)(?:-[ \t]|(?:"[\w-]+"|'[\w-]+'|[\w-]+):(?:[ \t\r]|$))/;
/** Something else than a key, a dash or a comment at column 1: what it belongs to, only the whole tells. */
const strayStart = /^(?!- |#|\r?$)\S/;
/** Of a whole document only: markers, directives, a byte order mark; and tabs for indentation. */
const uncuttable = /^(?:---|\.\.\.|%|[ ]*\t)|\ufeff/m;
const tabbed = /^[ ]*\t/m;
/** A tab is a fault, and of one line. */
const uncuttableThough = /^(?:---|\.\.\.|%)|\ufeff/m;

/** Where the file can be cut, into pieces of at least so many characters. */
const cut = (text: string, size: number, isBroken: boolean): readonly Piece[] | Uncut => {
  const marker = (isBroken ? uncuttableThough : uncuttable).exec(text);
  if (marker) return { because: JSON.stringify(marker[0]), offset: marker.index };
  const pieces: Piece[] = [];
  let start = 0;
  let under: string | undefined;
  let indent: number | undefined;
  let hasKey = false;
  const close = (end: number) => {
    if (end > start) pieces.push({ start, end, under });
    start = end;
  };
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line);
    const next = newline < 0 ? text.length : newline + 1;
    const written = text.slice(line, newline < 0 ? next : newline);
    if (topKey.test(written)) {
      hasKey = true;
      const head = sectionHead.exec(written)?.[1];
      if (under !== undefined || head !== undefined || line - start > size) close(line);
      under = undefined;
      if (head !== undefined) {
        close(line);
        start = next;
        pieces.push({ start: line, end: line, under: head });
        under = head;
        indent = undefined;
      }
    } else if (strayStart.test(written) || (!hasKey && /^ *[^# \r]/.test(written))) {
      return { because: 'a line that begins neither with a key nor with a dash', offset: line };
    } else if (under !== undefined) {
      const [, spaces] = entryStart.exec(written) ?? [];
      indent ??= /^( *)[^# \r]/.exec(written)?.[1]?.length;
      if (spaces !== undefined && spaces.length === indent && line - start > size) close(line);
    }
    line = next;
  }
  close(text.length);
  return pieces;
};

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const silently: Report = () => undefined;

/** Puts an entry of a piece to those of its section; @returns false where its name is there already. */
const addEntry = (
  { entries, places }: Section,
  key: PropertyKey,
  piece: Piece,
  { value, offset }: Reading,
): boolean => {
  const at = { piece, key, offset: offset([key], 'key') };
  if (Array.isArray(entries)) {
    places.set(entries.length, at);
    return entries.push((value as unknown[])[key as number]) > 0;
  }
  if (places.has(key)) return false;
  places.set(key, at);
  entries[key as string] = (value as Record<PropertyKey, unknown>)[key];
  return true;
};

/** A piece as quickly as it can be read. */
const readPiece = (text: string, base: number, read: Read, report: Report): Reading => {
  const plain = readPlain(text);
  if (plain === undefined) return read(text, base, report);
  const offset = ([entry]: Path): number => base + (plain.entries.get(entry ?? '') ?? plain.start);
  return { value: plain.value, complaints: [], anchorAt: undefined, offset, written: () => undefined };
};

export interface Cutting {
  /** Characters of a piece, about. */
  readonly size: number;
  readonly read: Read;
  readonly report: Report;
  /** A fault costs the piece it is in, and is told; without this, it has the text be read whole. */
  readonly isBroken: boolean;
}

/**
 * The slip of a hand behind a complaint, where it is plain: the library tells of a quote that is missing where the next one
 * is, and of a tab a character later.
 */
const slipIn = (written: string, start: number, { message, offset }: Complaint): Complaint | undefined => {
  const tab = tabbed.exec(written);
  const code = 'YAML_SYNTAX';
  if (tab) return { code, message: 'tabs are not allowed as indentation', offset: start + tab.index };
  let line = 0;
  for (const each of written.slice(0, offset - start).split('\n')) {
    const quotes = each.split('"').length - 1;
    if (quotes % 2 === 1) {
      return { code, message: `a quote that is not closed (${message})`, offset: start + line + each.lastIndexOf('"') };
    }
    line += each.length + 1;
  }
  return undefined;
};

export const isUncut = (read: object): read is Uncut => 'because' in read;

/** Reads a text in pieces, or says why it has to be read whole. */
export const readInPieces = (text: string, { size, read, report, isBroken }: Cutting): Pieces | Uncut => {
  const pieces = cut(text, size, isBroken);
  if (isUncut(pieces)) return pieces;
  const root: Record<string, unknown> = new Bare();
  const sections = new Map<string, Section>();
  const tops = new Map<string, Piece>();
  const heads = new Map<string, number>();
  const told: Parameters<Report>[] = [];
  const again = new Map<Piece, Reading>();
  const readAgain = (piece: Piece): Reading => {
    const reading = again.get(piece) ?? read(text.slice(piece.start, piece.end), piece.start, silently);
    again.set(piece, reading);
    return reading;
  };
  let uncut: Uncut | undefined;
  const stop = (because: string, offset: number): boolean => {
    uncut = { because, offset };
    return false;
  };
  /** @returns whether to go on. */
  const fault = ({ code, message, offset, earlier }: Complaint): boolean => {
    if (!isBroken) return stop(message, offset);
    told.push([code, message, offset, earlier]);
    return true;
  };
  /** Where a top-level key stands that there is. */
  const topOffset = (key: string): number | undefined => {
    const piece = tops.get(key);
    return piece === undefined ? heads.get(key) : readAgain(piece).offset([key], 'key');
  };
  const takeHead = (under: string, start: number): boolean => {
    const isNew = !(under in root);
    const earlier = isNew ? undefined : topOffset(under);
    heads.set(under, start);
    root[under] ??= null;
    return isNew || fault({ code: 'DUPLICATE_KEY', message: twice(under), offset: start, earlier });
  };
  const takeTops = (reading: Reading, piece: Piece): boolean => {
    const { value } = reading;
    if (!isMapping(value))
      return fault({ code: 'YAML_SYNTAX', message: 'a key was expected here', offset: piece.start });
    return Object.keys(value).every((key) => {
      if (key in root)
        return fault({
          code: 'DUPLICATE_KEY',
          message: twice(key),
          offset: reading.offset([key], 'key'),
          earlier: topOffset(key),
        });
      root[key] = value[key];
      tops.set(key, piece);
      return true;
    });
  };
  const takeEntries = (under: string, reading: Reading, piece: Piece): boolean => {
    const { value, offset } = reading;
    const isList = Array.isArray(value);
    const section = sections.get(under) ?? {
      start: offset([], 'value'),
      entries: isList ? [] : new Bare(),
      places: new Map(),
    };
    if (isList !== Array.isArray(section.entries) || !(isList || isMapping(value))) {
      return fault({
        code: 'YAML_SYNTAX',
        message: `this does not go on as \`${under}\` began`,
        offset: offset([], 'value'),
      });
    }
    sections.set(under, section);
    root[under] = section.entries;
    const keys: readonly PropertyKey[] = isList ? [...value.keys()] : Object.keys(value);
    return keys.every(
      (key) =>
        addEntry(section, key, piece, reading) ||
        fault({
          code: 'DUPLICATE_KEY',
          message: twice(String(key)),
          offset: offset([key], 'key'),
          earlier: section.places.get(key)?.offset,
        }),
    );
  };
  pieces.every((piece) => {
    const { start, end, under } = piece;
    if (under !== undefined && start === end) return takeHead(under, start);
    const before = told.length;
    const written = text.slice(start, end);
    const reading = readPiece(written, start, read, (...problem) => told.push(problem));
    const { value, complaints, anchorAt } = reading;
    if (anchorAt !== undefined) return stop('an anchor (&)', anchorAt);
    const [complaint] = complaints;
    if (complaint !== undefined) {
      told.length = before; // may come of the fault
      if (isBroken) return fault(slipIn(written, start, complaint) ?? complaint);
      return fault(complaint);
    }
    if (value === null) return true;
    return under === undefined ? takeTops(reading, piece) : takeEntries(under, reading, piece);
  });
  if (uncut !== undefined) return uncut;
  // A section of nothing has no entries to stand for it.
  const [hollow] = [...heads].find(([head]) => root[head] === null) ?? [];
  if (hollow !== undefined && !isBroken)
    return { because: `\`${hollow}\` without anything`, offset: heads.get(hollow) ?? 0 };
  for (const problem of told) report(...problem);

  /** The piece a path leads into, and the rest of the path in there. */
  const find = (path: Path): { readonly piece: Piece; readonly rest: Path } | undefined => {
    const [first, second, ...rest] = path;
    const top = tops.get(String(first));
    if (top !== undefined) return { piece: top, rest: path };
    const place = second === undefined ? undefined : sections.get(String(first))?.places.get(second);
    return place && { piece: place.piece, rest: [place.key, ...rest] };
  };
  return {
    value: root,
    offset: (path, part) => {
      const [first, second] = path;
      const section = sections.get(String(first));
      if (path.length === 2 && part === 'key' && second !== undefined) {
        const place = section?.places.get(second);
        if (place !== undefined) return place.offset;
      }
      const found = find(path);
      if (found !== undefined) return readAgain(found.piece).offset(found.rest, part);
      const head = heads.get(String(first));
      if (head === undefined) return firstOffset(pieces, readAgain);
      return section === undefined || part === 'key' ? head : section.start;
    },
    written: (path) => {
      const found = find(path);
      return found && readAgain(found.piece).written(found.rest);
    },
  };
};

/** Where the document begins: what a path to nowhere is answered with. */
const firstOffset = (pieces: readonly Piece[], readAgain: (piece: Piece) => Reading): number => {
  for (const piece of pieces) {
    if (piece.start === piece.end) return piece.start;
    const reading = readAgain(piece);
    if (reading.value !== null) return reading.offset([], 'value');
  }
  return 0;
};
