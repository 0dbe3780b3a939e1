/** Leg ids tell where in the plan a leg was dialled, so that living legs can tell it to whoever takes the call over. */

export interface LegPlace {
  /** Place in the plan. */
  readonly cursor: number;
  /** Which of the seats that ring in order. */
  readonly round: number;
  /** Which of those that ring together. */
  readonly n: number;
  /** How often the call had been taken over: keeps the ids of two tries apart. */
  readonly takeovers: number;
}

export const legId = ({ cursor, round, n, takeovers }: LegPlace): string => [cursor, round, n, takeovers].join('.');

export function parseLegId(id: string): LegPlace | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(id);
  if (match === null) return undefined;
  const [cursor = 0, round = 0, n = 0, takeovers = 0] = match.slice(1).map(Number);
  return { cursor, round, n, takeovers };
}
