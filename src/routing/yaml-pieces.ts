/**
 * A large table, cut between the entries of its sections and read piece by piece. The library makes some twenty objects
 * for each word; a whole table's worth of them costs more in garbage collection than in reading. A piece is let go of
 * as soon as its values are there, and read again when a place in it is asked for.
 *
 * Cut only where YAML means the same in pieces: top-level keys at column 1, and under a top-level key that stands alone
 * on its line, the lines indented as the first of them is. What the library complains of in any piece, and whatever
 * reaches over a cut (quotes and brackets left open, anchors, further documents), is left to the reading of the whole.
 */
import type { Path } from './yaml-path.ts';
import { readPlain } from './yaml-plain.ts';
import { Bare, type Report } from './yaml-values.ts';

/** One piece, read by itself. */
interface Reading {
  readonly value: unknown;
  readonly errors: readonly unknown[];
  readonly warnings: readonly unknown[];
  readonly hasAnchors: boolean;
  offset(path: Path, part: 'key' | 'value'): number;
  written(path: Path): string | undefined;
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

/** Where the file can be cut, into pieces of at least so many characters; undefined: nowhere. */
const cut = (text: string, size: number): readonly Piece[] | undefined => {
  if (uncuttable.test(text)) return undefined;
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
      return undefined;
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

/** Puts the entries of a piece to those of its section; @returns false where they do not fit together. */
const addEntries = (section: Section, { value, offset }: Reading, piece: Piece): boolean => {
  const { entries, places } = section;
  if (Array.isArray(entries)) {
    if (!Array.isArray(value)) return false;
    for (const [index, entry] of value.entries()) {
      places.set(entries.length, { piece, key: index, offset: offset([index], 'key') });
      entries.push(entry);
    }
    return true;
  }
  if (!isMapping(value)) return false;
  for (const key of Object.keys(value)) {
    if (places.has(key)) return false;
    places.set(key, { piece, key, offset: offset([key], 'key') });
    entries[key] = value[key];
  }
  return true;
};

/** A piece as quickly as it can be read. */
const readPiece = (text: string, base: number, read: Read, report: Report): Reading => {
  const plain = readPlain(text);
  if (plain === undefined) return read(text, base, report);
  const offset = ([entry]: Path): number => base + (plain.entries.get(entry ?? '') ?? plain.start);
  return { value: plain.value, errors: [], warnings: [], hasAnchors: false, offset, written: () => undefined };
};

/** Reads a text in pieces of some `size`; undefined: it has to be read whole. */
export const readInPieces = (text: string, size: number, read: Read, report: Report): Pieces | undefined => {
  const pieces = cut(text, size);
  if (pieces === undefined) return undefined;
  const root: Record<string, unknown> = new Bare();
  const sections = new Map<string, Section>();
  const tops = new Map<string, Piece>();
  const heads = new Map<string, number>();
  const told: Parameters<Report>[] = [];
  const isGood = pieces.every((piece) => {
    const { start, end, under } = piece;
    if (under !== undefined && start === end) {
      const isNew = !(under in root);
      heads.set(under, start);
      root[under] = null;
      return isNew;
    }
    const reading = readPiece(text.slice(start, end), start, read, (...problem) => told.push(problem));
    const { value, errors, warnings, hasAnchors } = reading;
    if (errors.length + warnings.length > 0 || hasAnchors) return false;
    if (value === null) return true;
    if (under === undefined) {
      if (!isMapping(value)) return false;
      for (const key of Object.keys(value)) {
        if (key in root) return false;
        root[key] = value[key];
        tops.set(key, piece);
      }
      return true;
    }
    const known = sections.get(under);
    const section = known ?? {
      start: reading.offset([], 'value'),
      entries: Array.isArray(value) ? [] : new Bare(),
      places: new Map(),
    };
    sections.set(under, section);
    root[under] = section.entries;
    return addEntries(section, reading, piece);
  });
  // A section of nothing has no entries to stand for it.
  if (!isGood || [...heads.keys()].some((head) => root[head] === null)) return undefined;
  for (const problem of told) report(...problem);

  const again = new Map<Piece, Reading>();
  const readAgain = (piece: Piece): Reading => {
    const reading = again.get(piece) ?? read(text.slice(piece.start, piece.end), piece.start, silently);
    again.set(piece, reading);
    return reading;
  };
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
