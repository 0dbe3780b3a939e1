/**
 * The operator's list of mobile prefixes: a CSV of `7 digits,region`. Empty lines, `#` comments and one heading line
 * are allowed; carriers' lists run to 100,000 lines.
 */
import { type Problem, tableProblem } from '../problems.ts';
import { readText, type Source } from '../yaml/source-text.ts';
import { didYouMean } from './spelling.ts';

const row = /^\s*"?(\d{7})"?\s*,\s*"?([A-Za-z0-9_-]+)"?\s*(?:,.*)?$/;
const heading = /^\s*"?[^\d,]+"?\s*,/;

/** Prefixes by their 7 digits, and every line that is not one. */
export const readMobilePrefixes = (
  source: Source,
  regions: ReadonlySet<string>,
): { prefixes: ReadonlyMap<string, string>; problems: readonly Problem[] } => {
  const { file } = source;
  const { text, problem } = readText(source);
  const problems: Problem[] = problem ? [problem] : [];
  const prefixes = new Map<string, string>();

  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    if (index === 0 && heading.test(line)) continue;
    const place = { file, line: index + 1, column: 1 };
    const [, prefix = '', region = ''] = row.exec(line) ?? [];
    const known = prefixes.get(prefix);
    if (prefix === '') problems.push(tableProblem('BAD_PREFIX', 'expected `7 digits,region`', place));
    else if (!regions.has(region)) {
      const message = `region \`${region}\` is not under \`regions\`${didYouMean(region, regions)}`;
      problems.push(tableProblem('UNKNOWN_REGION', message, { ...place, column: line.lastIndexOf(region) + 1 }));
    } else if (known !== undefined && known !== region) {
      problems.push(tableProblem('PREFIX_CONFLICT', `${prefix} was given to \`${known}\` above`, place));
    } else prefixes.set(prefix, region);
  }
  return { prefixes, problems };
};
