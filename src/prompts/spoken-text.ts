/** Turns a prompt's text into what a voice should be given. */

/** How a digit is said in a telephone number; 1 is 幺 (yāo), which on a bad line is not taken for 7 (qī). */
const DIGITS = ['零', '幺', '二', '三', '四', '五', '六', '七', '八', '九'];

/**
 * Spells hotline numbers digit by digit: a voice left alone reads 12345 as "twelve thousand three hundred …".
 * Runs of one or two digits are quantities (`24小时`) and stay. A writer who wants another reading writes it in characters.
 */
export function spokenText(text: string): string {
  return text.replace(/\d{3,}/g, (run) => [...run].map((digit) => DIGITS[Number(digit)]).join(''));
}
