/** Turns a prompt's text into what a voice should be given. */
import { speakDigits } from '../routing/whisper.ts';

/**
 * Spells hotline numbers digit by digit: a voice left alone reads 12345 as "twelve thousand three hundred …".
 * Runs of one or two digits are quantities (`24小时`) and stay. A writer who wants another reading writes it in characters.
 */
export function spokenText(text: string): string {
  return text.replace(/\d{3,}/g, speakDigits);
}
