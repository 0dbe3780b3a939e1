/** Who hears whom on a call in memory, as the port's seating says. Pure. */
import type { AudioPlan, AudioRole } from '../port.ts';

/** What is to be heard: leg ids, `caller`, or a sound: `prompt`, `ringing`, `music`. */
export type Heard = string;

export interface Hearers {
  /** Answered legs by id. */
  readonly seats: ReadonlyMap<string, AudioRole>;
  readonly waitTone: AudioPlan['waitTone'] | undefined;
  readonly muted: ReadonlySet<string>;
  /** The caller hears a prompt: nobody else is in the caller's ear, nor hears the caller's answer to it. */
  readonly isPrompted: boolean;
}

const CALLER = 'caller';

/** Everybody whose voice gets to one who sits there, but one's own. */
function voicesAt(seat: AudioRole | undefined, self: string, { seats, isPrompted }: Hearers): Set<string> {
  const voices = new Set<string>();
  if (seat === undefined || seat === 'apart') return voices;
  if (typeof seat === 'object') {
    const watched = 'listensTo' in seat ? seat.listensTo : seat.whispersTo;
    if (!seats.has(watched)) return voices;
    const around = voicesAt(seats.get(watched), watched, { seats, waitTone: undefined, muted: new Set(), isPrompted });
    return new Set([watched, ...around].filter((id) => id !== self));
  }
  for (const [id, other] of seats) if (id !== self && other === seat) voices.add(id);
  if (seat === 'with-caller' && !isPrompted) voices.add(CALLER);
  return voices;
}

/** @param who a leg's id, or `caller`. */
export function heardBy(who: string, hearers: Hearers): readonly Heard[] {
  const { seats, waitTone, muted, isPrompted } = hearers;
  if (who === CALLER) {
    if (isPrompted) return ['prompt'];
    const there = [...seats].filter(([, seat]) => seat === 'with-caller').map(([id]) => id);
    if (there.length === 0) return waitTone === undefined ? [] : [waitTone];
    return there.filter((id) => !muted.has(id)).toSorted();
  }
  const voices = voicesAt(seats.get(who), who, hearers);
  for (const [id, seat] of seats)
    if (typeof seat === 'object' && 'whispersTo' in seat && seat.whispersTo === who) voices.add(id);
  return [...voices].filter((id) => !muted.has(id)).toSorted();
}
