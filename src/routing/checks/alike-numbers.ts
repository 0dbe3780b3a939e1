/**
 * Numbers that two tables treat alike: what is found out of one of them holds of all, but for the number. Of a province's
 * tens of thousands of numbers most are written in a few dozen ways, and asking calls of each took most of a diff's time.
 */
import { readDialled } from '../numbering.ts';
import type { HotlineNumber, Table } from '../table.ts';

/** All of an entry that decides where its calls go. */
const treatment = (entry: HotlineNumber | undefined): string =>
  entry ? JSON.stringify([entry.prompt, entry.rules]) : '';

/** A key that is the same for numbers treated alike; undefined where a number's calls may be read as another number's. */
export const alikeAmong = (tables: readonly Table[]): ((number: string) => string | undefined) => {
  const areaCodes = new Set([
    '',
    ...tables.flatMap(({ regions }) => Array.from(regions.values(), ({ areaCode = '' }) => areaCode)),
  ]);
  return (number) => {
    const readings: string[] = [];
    for (const areaCode of areaCodes) {
      for (const table of tables) {
        const read = readDialled(`${areaCode}${number}`, table);
        if (read !== null && read.number !== number) return undefined;
        readings.push(read === null ? '-' : (read.areaCode ?? '+'));
      }
    }
    return `${readings.join()} ${tables.map((table) => treatment(table.numbers.get(number))).join('\n')}`;
  };
};
