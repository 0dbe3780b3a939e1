/** Keys pressed during a call → what an agent asks for by them. Pure. */

/** A sequence is forgotten when its next key does not come within so long. */
export const NEXT_KEY_WITHIN_MS = 5_000;

const MOST_DIGITS = 16;

export interface Keys {
  readonly typed: string;
  /** Unix milliseconds of the last key. */
  readonly at: number;
}

export type FeatureCode =
  | { readonly do: 'transfer'; readonly kind: 'blind' | 'attended' | 'three-way'; readonly to: string }
  /** Hand over now, or leave those whom one has brought together. */
  | { readonly do: 'complete' }
  | { readonly do: 'return' }
  /** Hold, or resume. */
  | { readonly do: 'hold' };

export const NO_KEYS: Keys = { typed: '', at: 0 };

const KINDS = { '2': 'blind', '3': 'attended', '4': 'three-way' } as const;
const AT_ONCE: Readonly<Record<string, FeatureCode>> = {
  '*1': { do: 'complete' },
  '*0': { do: 'return' },
  '*6': { do: 'hold' },
};

const isBegun = (typed: string): boolean =>
  typed === '*' || (/^\*[234]\d*$/.test(typed) && typed.length <= MOST_DIGITS + 2);

export interface Pressed {
  readonly keys: Keys;
  readonly code?: FeatureCode;
  /** What was begun with `*` has become no code. */
  readonly isNoCode?: true;
}

/** One more key. A `*` always begins anew; what is no code is forgotten. */
export function press(before: Keys, key: string, at: number): Pressed {
  const isLate = at - before.at > NEXT_KEY_WITHIN_MS;
  const typed = key === '*' || isLate ? key : before.typed + key;
  const code = AT_ONCE[typed] ?? transferOf(typed);
  if (code) return { keys: NO_KEYS, code };
  if (isBegun(typed)) return { keys: { typed, at } };
  return typed.startsWith('*') ? { keys: NO_KEYS, isNoCode: true } : { keys: NO_KEYS };
}

function transferOf(typed: string): FeatureCode | undefined {
  const [, kind, to] = /^\*([234])(\d{1,16})#$/.exec(typed) ?? [];
  return to === undefined ? undefined : { do: 'transfer', kind: KINDS[kind as keyof typeof KINDS], to };
}
