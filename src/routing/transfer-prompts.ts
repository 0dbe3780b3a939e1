/** What an agent hears, alone, about handing a caller on. The parser adds these prompts to every table. */
import type { Prompt } from './table.ts';

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
