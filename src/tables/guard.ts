/** Keeps a change that moves more than one may from going live unasked. */
import { ChangeTooLarge } from '../errors.ts';
import type { Change } from './change.ts';

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/**
 * @param mostNumbersMoved share of the numbers, 0 to 1.
 * @param reach share of the calls that the change is for: less than 1 for a canary.
 * @throws ChangeTooLarge, saying what would move.
 */
export function guard({ numbersMoved, numbersTotal, summary }: Change, mostNumbersMoved: number, reach = 1): void {
  const share = numbersTotal === 0 ? 0 : numbersMoved / numbersTotal;
  if (share * reach <= mostNumbersMoved) return;
  throw new ChangeTooLarge(
    `moves ${numbersMoved} of ${numbersTotal} numbers (${percent(share)}), more than ${percent(mostNumbersMoved)}, and so asks for --yes: ${summary}`,
  );
}
