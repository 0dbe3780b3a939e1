/** Keeps a change that moves more than one may from going live unasked. */
import { ChangeTooLarge } from '../base/errors.ts';
import type { CallsMoved, Change } from './validate/change.ts';

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

/**
 * The same of calls that there were lately; where there were none, nothing is held up.
 *
 * @param mostCallsMoved share of those calls, 0 to 1.
 * @throws ChangeTooLarge, saying how many would have gone elsewhere.
 */
export function guardCalls({ moved, total }: CallsMoved, mostCallsMoved: number, summary: string, reach = 1): void {
  const share = total === 0 ? 0 : moved / total;
  if (share * reach <= mostCallsMoved) return;
  const [some, all] = [moved, total].map((calls) => calls.toLocaleString('en-US'));
  throw new ChangeTooLarge(
    `sends ${some} of ${all} calls of the last 24 hours elsewhere (${percent(share)}), more than ${percent(mostCallsMoved)}, and so asks for --yes: ${summary}`,
  );
}
