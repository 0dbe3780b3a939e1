/** Messages of the YAML library in an engineer's words. */
import type { YAMLError } from 'yaml';

/** The library's names of what it met. */
const tokens: Readonly<Record<string, string>> = {
  'flow-map-start': '`{`',
  'flow-map-end': '`}`',
  'flow-seq-start': '`[`',
  'flow-seq-end': '`]`',
  'flow-error-end': 'a closing bracket',
  'map-value-ind': '`:`',
  'explicit-key-ind': '`?`',
  'seq-item-ind': '`-`',
  'block-seq-ind': '`-`',
  'doc-start': '`---`',
  'doc-end': '`...`',
  'single-quoted-scalar': 'text in quotes',
  'double-quoted-scalar': 'text in quotes',
  scalar: 'this text',
  comma: '`,`',
};

const notHere = (token: string): string => `${tokens[token] ?? `\`${token}\``} does not belong here`;
const bracketOf = (kind: string): string => (kind.endsWith('map') || kind.endsWith('mapping') ? '{ }' : '[ ]');

/** Its messages, by their beginning, and what is said instead; any other message is kept. */
const words: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^Source contains multiple documents/, () => 'a second document starts here; a table is one document'],
  [/^Unexpected ([\w-]+) at node end/, (_, token = '') => `${notHere(token)}: the value has ended before it`],
  [/^Unexpected empty item in/, () => 'there is nothing between two commas'],
  [/^Unexpected ,/, () => notHere('comma')],
  [/^Unexpected ([\w-]+)/, (_, token = '') => notHere(token)],
  [/^Missing ,.* between flow (\w+) items/, (_, kind = '') => `a \`,\` is missing in ${bracketOf(kind)} before this`],
  [/^Missing space after :/, () => 'a space is missing behind `:`'],
  [/^Missing closing (.)quote/, (_, quote = '') => `a quote ${quote} that is not closed`],
  [/^Nested mappings are not allowed/, () => 'a second `: ` in one line; text that holds one needs quotes'],
  [/^Implicit map keys need to be followed/, () => 'a key without `:`; or it belongs to the line before'],
  [
    /^Implicit keys .*need to be on a single line/,
    () => 'a `:` is missing, or a quote or bracket of the line before is open',
  ],
  [/^A block sequence may not be used as/, () => 'a list begins here that no key or dash stands before'],
  [
    /^All (?:mapping|sequence|collection) items must start at the same column/,
    () => 'this line is not indented as those beside it',
  ],
  [/^Sequence item without - indicator/, () => 'a `- ` is missing before this'],
  [
    /^Flow (\w+).* must be sufficiently indented/,
    (_, kind = '') => `\`${bracketOf(kind)[0]}\` is not closed, or the line after it is not indented`,
  ],
  [/^Block scalar header includes/, () => 'behind `|` or `>` nothing may stand in the line'],
  [/^Plain value cannot start with (.*)/, (_, character = '') => `text that begins with ${character} needs quotes`],
  [
    /^Invalid escape sequence (.*)/,
    (_, sequence = '') => `\`${sequence}\` means nothing inside double quotes; write single quotes`,
  ],
  [/^Comments must be separated/, () => 'a space is missing before #; text that holds one needs quotes'],
  [/^Tabs are not allowed/, () => 'tabs are not allowed as indentation'],
  [
    /^Unresolved tag: (.*)/,
    (_, tag = '') => `\`${tag}\`: tags (!) are not known here; text that begins with ! needs quotes`,
  ],
];

const formatMessage = (message: string): string => {
  for (const [form, say] of words) {
    const found = form.exec(message);
    if (found) return say(...found);
  }
  return message;
};

const lineAt = (text: string, offset: number): string => {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
};

/** Advice where YAML took a placeholder for a mapping. */
export const QUOTE_PLACEHOLDER = 'text with {region} or {number} needs quotes here';

/** @param offset of the complaint in `text` */
export const formatYamlError = ({ message }: YAMLError, text: string, offset: number): string => {
  const unquoted = lineAt(text, offset).replaceAll(/"[^"]*"|'[^']*'/g, '');
  return `${formatMessage(message)}${/\{(?:region|number)\}/.test(unquoted) ? `; ${QUOTE_PLACEHOLDER}` : ''}`;
};
