/** A prompt's text as a voice should be given it, and how long that will take to say. */
import { speakDigits } from '../routing/whispers.ts';

/**
 * By the default voice: Mandarin at 0.27 s a syllable and 0.2 s at a stop, which came within a tenth of a second for texts
 * of 7 to 22 s; a letter of English takes 0.06 s.
 */
const SECONDS_A_SYLLABLE = 0.27;
const SECONDS_A_LETTER = 0.06;
const SECONDS_A_STOP = 0.2;

/** Whoever reads this much quicker than the default voice is not understood. */
const QUICKEST_READER = 1.5;

/**
 * Spells hotline numbers digit by digit: a voice left alone reads 12345 as "twelve thousand three hundred …".
 * Runs of one or two digits are quantities (`24小时`) and stay. A writer who wants another reading writes it in characters.
 */
export function spokenText(text: string): string {
  return text.replace(/\d{3,}/g, speakDigits);
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

/** Seconds, by the default voice, before there is audio of the text. */
export function secondsToSay(text: string): number {
  const spoken = spokenText(text);
  const syllables = count(spoken, /\p{Script=Han}|\d/gu);
  const letters = count(spoken, /\p{Script=Latin}/gu);
  const stops = count(spoken, /[，。、；：！？,.;:!?]+/g);
  return syllables * SECONDS_A_SYLLABLE + letters * SECONDS_A_LETTER + stops * SECONDS_A_STOP;
}

/** `surely`: no voice says it within so many seconds · `likely`: the default voice does not. */
export function isTooLongToSay(seconds: number, longest: number): 'surely' | 'likely' | undefined {
  if (seconds > longest * QUICKEST_READER) return 'surely';
  return seconds > longest ? 'likely' : undefined;
}
