/**
 * A text that is not YAML, looked at entry by entry. Behind a fault the library reads on with whatever it takes for text, and
 * what it says of later lines is wrong. So each entry of each section is parsed by itself, and those with a fault are left out.
 */
import type { TableProblemCode } from '../problems.ts';

/** What the library complains of. */
export interface Fault {
  readonly code: TableProblemCode;
  readonly message: string;
  readonly offset: number;
}

const topKey = /^[A-Za-z$][\w$]*:(?:[ \t\r]|$)/;
const sectionHead = /^[A-Za-z]\w*:[ \t]*(?:#.*)?\r?$/;
const entryStart = /^( *)(?:-[ \t]|(?:"[\w-]+"|'[\w-]+'|[\w-]+):(?:[ \t\r]|$))/;

/**
 * Offsets at which the entries begin: top-level keys and, under a top-level key that stands alone on its line, keys and
 * dashes indented as the first line there is.
 */
const entryStarts = (text: string): readonly number[] => {
  const starts = [0];
  let indent: number | undefined;
  let isInSection = false;
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line);
    const written = text.slice(line, newline < 0 ? undefined : newline);
    if (topKey.test(written)) {
      starts.push(line);
      isInSection = sectionHead.test(written);
      indent = undefined;
    } else if (isInSection) {
      const isFirst = indent === undefined;
      indent ??= /^( *)[^# \r]/.exec(written)?.[1]?.length;
      const spaces = entryStart.exec(written)?.[1];
      if (isFirst ? indent !== undefined : spaces?.length === indent) starts.push(line);
    }
    line = newline < 0 ? text.length : newline + 1;
  }
  return starts;
};

/**
 * The slip of a hand behind a fault, where it is plain: the library reports a missing quote where the next quote is, and a
 * tab one character later.
 */
const slipBehind = (entry: string, { code, message, offset }: Fault): Fault => {
  const tab = /^[ ]*\t/m.exec(entry);
  if (tab) return { code: 'YAML_SYNTAX', message: 'tabs are not allowed as indentation', offset: tab.index };
  let start = 0;
  for (const line of entry.slice(0, offset).split('\n')) {
    const isOdd = line.split('"').length % 2 === 0;
    if (isOdd)
      return {
        code: 'YAML_SYNTAX',
        message: `a quote that is not closed (${message})`,
        offset: start + line.lastIndexOf('"'),
      };
    start += line.length + 1;
  }
  return { code, message, offset };
};

/**
 * The first fault of each entry, and the text with spaces in place of those entries, so that all others stay where they are.
 *
 * @param faultIn what is wrong with a text, if anything is; offsets count from the start of that text.
 */
export const withoutFaults = (
  text: string,
  faultIn: (text: string) => Fault | undefined,
): { readonly faults: readonly Fault[]; readonly rest: string } => {
  const faults: Fault[] = [];
  const starts = entryStarts(text);
  const kept = starts.map((start, index) => {
    const entry = text.slice(start, starts[index + 1]);
    const fault = faultIn(entry);
    if (fault === undefined) return entry;
    const slip = slipBehind(entry, fault);
    faults.push({ ...slip, offset: slip.offset + start });
    return entry.replaceAll(/[^\n]/g, ' ');
  });
  return { faults, rest: kept.join('') };
};
