/** The spoken pieces of the whisper an agent hears before the caller: the hotline, then the region. */
import { type HotlineNumber, type Prompt, type Region, whisperPrompts } from './table.ts';

/** Digits as they are said on the telephone; 1 is 幺, so that it is not heard as 7. */
const spokenDigits = ['零', '幺', '二', '三', '四', '五', '六', '七', '八', '九'] as const;

/** `12333` → `幺二三三三`. What is not a digit stays. */
export const speakDigits = (number: string): string =>
  number.replace(/[0-9]/g, (digit) => spokenDigits[Number(digit)] ?? digit);

/** Texts of the whisper's pieces, by template: `{number}` becomes spoken digits, `{region}` the region's name. */
export const whisperPieces = (
  templates: { readonly number: string; readonly region: string },
  numbers: Iterable<HotlineNumber>,
  regions: Iterable<Region>,
): readonly Prompt[] => {
  const idOf = (number: string, region: string, index: 0 | 1) => whisperPrompts(number, region)[index] ?? '';
  return [
    ...Array.from(numbers, ({ number }) => ({
      id: idOf(number, '', 0),
      text: templates.number.replaceAll('{number}', speakDigits(number)),
      file: undefined,
    })),
    ...Array.from(regions, ({ id, name }) => ({
      id: idOf('', id, 1),
      text: templates.region.replaceAll('{region}', name),
      file: undefined,
    })),
  ];
};
