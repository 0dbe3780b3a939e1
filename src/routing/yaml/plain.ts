/**
 * The YAML that tables mostly are, read quickly: keys and values one to a line, lists with dashes, short lists and
 * mappings in brackets, words and quotes without escapes. Anything else — a comment behind a value, an anchor, a tab, a
 * number that is no plain integer, a key twice — and the answer is undefined: the library reads it. What is read here
 * means what the library makes of it; `properties.test.ts` compares the two. It is some thirty times as quick.
 */
import { Bare } from './values.ts';

export interface PlainText {
  readonly value: unknown;
  /** Offset of each entry of the outermost mapping or list, in order. */
  readonly entries: ReadonlyMap<PropertyKey, number>;
  /** Offset of the outermost value itself. */
  readonly start: number;
}

/** Thrown and caught in here only: the text is not plain. */
class NotPlain extends Error {}

const refuse = (): never => {
  throw new NotPlain();
};

const deepestIndent = 40;
const oddCharacter = /[^\n\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\uf900-\ufefe\uff00-\uffef]/;
const blockKey = /^(?:"([^"\\]+)"|([A-Za-z_$][\w$-]*|\d+-[A-Za-z][\w-]*)):(?: |$)/;
const special = /^(?:null|true|false)$/i;
/** In a block a word may hold brackets; behind `: ` or before ` #` it would be something else. */
const blockWord = /^[A-Za-z0-9_\u4e00-\u9fff](?:[\w\u4e00-\u9fff.{}*@/-]| (?=[\w\u4e00-\u9fff])|:(?=[\w*{]))*$/;
const flowWord = /[A-Za-z0-9_\u4e00-\u9fff](?:[\w\u4e00-\u9fff.*@/-]|:(?=[\w*]))*/y;
const surelyText = /^(?:[^\d]|\d+[-:])/;
const flowSpace = / */y;
const quoted = /"([^"\\]*)"/y;

/** A word as YAML 1.2 takes it. */
const scalar = (word: string): unknown => {
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'null') return null;
  if (special.test(word)) return refuse();
  if (surelyText.test(word)) return word;
  return /^(?:0|[1-9]\d{0,8})$/.test(word) ? Number(word) : refuse();
};

/** Lists and mappings in brackets, on one line. */
class Flow {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value(0);
    return this.#at === this.#text.length ? value : refuse();
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #value(depth: number): unknown {
    if (depth > 8) return refuse();
    const next = this.#text[this.#at];
    if (next === '[') return this.#list(depth);
    if (next === '{') return this.#mapping(depth);
    if (next === '"') return this.#take(quoted)?.[1] ?? refuse();
    return scalar(this.#take(flowWord)?.[0] ?? refuse());
  }

  /** Entries to the closing bracket, a comma between each two. */
  #entries(close: string, entry: () => void): void {
    this.#at += 1;
    this.#take(flowSpace);
    while (this.#text[this.#at] !== close) {
      entry();
      this.#take(flowSpace);
      if (this.#text[this.#at] === close) break;
      if (this.#text[this.#at] !== ',') refuse();
      this.#at += 1;
      this.#take(flowSpace);
      if (this.#text[this.#at] === close) refuse();
    }
    this.#at += 1;
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    this.#entries(']', () => list.push(this.#value(depth + 1)));
    return list;
  }

  #mapping(depth: number): object {
    const mapping = new Bare();
    this.#entries('}', () => {
      const key = this.#text[this.#at] === '"' ? this.#take(quoted)?.[1] : this.#take(flowWord)?.[0];
      if (key === undefined || key === '' || key in mapping || special.test(key)) return refuse();
      if (this.#text[this.#at - 1] !== '"' && !surelyText.test(key)) return refuse();
      if (this.#text[this.#at] !== ':' || this.#text[this.#at + 1] !== ' ') return refuse();
      this.#at += 2;
      this.#take(flowSpace);
      mapping[key] = this.#value(depth + 1);
    });
    return mapping;
  }
}

const inline = (text: string): unknown => {
  const first = text[0];
  if (first === '[' || first === '{' || first === '"') return new Flow(text).whole();
  return blockWord.test(text) ? scalar(text) : refuse();
};

interface Line {
  readonly indent: number;
  /** Without its indentation. */
  readonly text: string;
  readonly offset: number;
}

const linesOf = (text: string): Line[] => {
  const lines: Line[] = [];
  let offset = 0;
  for (const written of text.split('\n')) {
    const start = written.search(/[^ ]/);
    if (start >= 0 && written[start] !== '#') {
      if (written.includes('#') || written.endsWith(' ') || start > deepestIndent) refuse();
      lines.push({ indent: start, text: start === 0 ? written : written.slice(start), offset: offset + start });
    }
    offset += written.length + 1;
  }
  return lines;
};

class Blocks {
  readonly #lines: Line[];
  #next = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  whole(): PlainText {
    const [first] = this.#lines;
    if (first === undefined) return refuse();
    const entries = new Map<PropertyKey, number>();
    const value = this.#block(first.indent, entries);
    return this.#next === this.#lines.length ? { value, entries, start: first.offset } : refuse();
  }

  #block(indent: number, entries?: Map<PropertyKey, number>): unknown {
    return this.#lines[this.#next]?.text.startsWith('- ')
      ? this.#list(indent, entries)
      : this.#mapping(indent, entries);
  }

  #list(indent: number, entries?: Map<PropertyKey, number>): unknown[] {
    const list: unknown[] = [];
    for (let line = this.#lines[this.#next]; line?.indent === indent; line = this.#lines[this.#next]) {
      if (!line.text.startsWith('- ')) refuse();
      const text = line.text.slice(2);
      if (text.startsWith(' ') || text.startsWith('- ')) refuse();
      const inner = { indent: indent + 2, text, offset: line.offset + 2 };
      entries?.set(list.length, inner.offset);
      if (blockKey.test(text)) {
        // A mapping begins behind the dash: its first key stands where a line of its own would have put it.
        this.#lines[this.#next] = inner;
        list.push(this.#mapping(inner.indent));
      } else {
        this.#next += 1;
        list.push(inline(text));
      }
    }
    return this.#ended(indent, list);
  }

  #mapping(indent: number, entries?: Map<PropertyKey, number>): object {
    const mapping = new Bare();
    for (let line = this.#lines[this.#next]; line?.indent === indent; line = this.#lines[this.#next]) {
      const [head = refuse(), inQuotes, word = ''] = blockKey.exec(line.text) ?? [];
      const key = inQuotes ?? word;
      if (key in mapping || special.test(key)) refuse();
      entries?.set(key, line.offset);
      this.#next += 1;
      mapping[key] = head.length < line.text.length ? inline(line.text.slice(head.length)) : this.#below(indent);
    }
    return this.#ended(indent, mapping);
  }

  /** The value of a key that has nothing behind it. */
  #below(indent: number): unknown {
    const next = this.#lines[this.#next];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent > indent) return this.#block(next.indent);
    return next.text.startsWith('-') ? refuse() : null;
  }

  /** A line further in than the block before it goes on with something there. */
  #ended<T>(indent: number, block: T): T {
    const next = this.#lines[this.#next];
    return next !== undefined && next.indent > indent ? refuse() : block;
  }
}

/** Reads a text that is plain; undefined: it is not. */
export const readPlain = (text: string): PlainText | undefined => {
  if (oddCharacter.test(text)) return undefined;
  try {
    return new Blocks(linesOf(text)).whole();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
};
