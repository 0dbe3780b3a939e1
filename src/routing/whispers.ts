/** What only an agent hears: the whisper before the caller (hotline, then region), and words about a transfer. */
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

/** What is said about a transfer; the parser adds these prompts to every table. */
const TEXTS = {
  /** The table, or the asker's place in the call, does not let it be. */
  refused: '无法转接',
  'unknown-target': '没有这个转接号码',
  'not-allowed': '不可转接到该号码',
  'ambiguous-target': '该号码有多处座席，请指明转接目标',
  closed: '对方不在服务时间',
  'not-now': '现在无法操作，请稍后再试',
  'nothing-to-take-back': '没有可取回的来电',
  busy: '对方忙，来电已转回',
  'no-answer': '对方无人接听，来电已转回',
  rejected: '对方拒接，来电已转回',
  unreachable: '对方无法接通，来电已转回',
  'hung-up': '对方已挂断，来电已转回',
  'taken-back': '来电已取回',
} as const;

export type TransferWord = keyof typeof TEXTS;

/** Id of a prompt: `whisper-hand-over-busy`. A recording declared under it wins, as for every whisper. */
export const transferPrompt = (word: TransferWord): string => `whisper-hand-over-${word}`;

export const transferPieces = (): readonly Prompt[] =>
  Object.entries(TEXTS).map(([word, text]) => ({ id: transferPrompt(word as TransferWord), text, file: undefined }));
