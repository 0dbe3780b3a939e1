/**
 * What the PBX remembers of a call: enough for another controller to carry it on at the same place, whatever happened
 * to the table meanwhile. Kept small (it is one channel variable) and plain JSON (an engineer may read it there).
 *
 * Controllers of two versions read each other's. A new key is optional, and whoever does not know it passes over it. `v`
 * rises only where older controllers would do wrong by what is written. Of what cannot be read whole, enough is read to
 * emit the end of a talk: the call log's keys keep their meaning in every version.
 */
import { z } from 'zod';
import { connectsOf, destinationShape, isKnownStep, storedStepShape } from '../routing/steps.ts';
import { stretchesShape, thinned } from './stretches.ts';
import { transferStateShape, withoutRepeats, withRepeats } from './transfer/state.ts';
import { awayShape, waitSumsShape } from './waits.ts';

/** Of a place that was tried, no more is written than its name. */
const isTriedOnly = (step: Checkpoint['plan'][number]): boolean =>
  step.do === 'connect' && Object.keys(step).length === 2;

/** Answering again changes nothing: this stands for a step of another version, so that the others keep their places. */
const PASSED_OVER: Checkpoint['plan'][number] = { do: 'answer' };

const stepHead = z.object({ do: z.string() });

const stepIn = (written: unknown): unknown => {
  if (typeof written === 'string') return { do: 'connect', to: written };
  const { data } = stepHead.safeParse(written);
  return data === undefined || isKnownStep(data.do) ? written : PASSED_OVER;
};

const memoryShape = z.object({
  v: z.literal(1),
  /** These four are null for a call to a number outside the table. */
  number: z.string().nullable(),
  unit: z.string().nullable(),
  mode: z.enum(['merged', 'parallel', 'subcentre']).nullable(),
  region: z.string().nullable(),
  revision: z.string(),
  plan: z.array(z.preprocess(stepIn, storedStepShape)),
  /** Unix milliseconds of the arrival. */
  arrived: z.number(),
  /** Next record's number. */
  seq: z.number(),
  /** Place in the plan. */
  cursor: z.number(),
  /** Which of the seats that ring in order; 0 elsewhere. */
  round: z.number(),
  /** Legs dialled at this place; undefined: not dialled yet. */
  legs: z.array(z.string()).exactOptional(),
  /** The prompt the caller is hearing. */
  playing: z.object({ id: z.string(), prompt: z.string() }).exactOptional(),
  /** The first agent who talked with the caller, on which leg, since when (Unix milliseconds). */
  talking: z
    .object({ leg: z.string(), to: destinationShape, agent: z.string().nullable(), since: z.number() })
    .exactOptional(),
  /** Which stretches were recorded. */
  rec: stretchesShape.readonly().exactOptional(),
  /** How long the caller was without an agent since. */
  away: awayShape.readonly().exactOptional(),
  /** Where the conversation stands, once something was asked in it. */
  hand: z.preprocess(withRepeats, transferStateShape).exactOptional(),
  takeovers: z.number(),
  /** Milliseconds waited so far: network, prompt, ring, queue. */
  waits: waitSumsShape.exactOptional(),
});

export type Checkpoint = Readonly<z.infer<typeof memoryShape>>;

/** Bytes; what has room elsewhere (records tell every recording) gives way to what has not. */
const ROOM = 1_950;

export function writeCheckpoint(checkpoint: Checkpoint): string {
  const { hand } = checkpoint;
  const plan = hand && checkpoint.plan.map((step) => (step.do === 'connect' && isTriedOnly(step) ? step.to : step));
  const text = JSON.stringify(hand ? { ...checkpoint, plan, hand: withoutRepeats(hand) } : checkpoint);
  const less = Buffer.byteLength(text) > ROOM ? withLess(checkpoint) : undefined;
  return less === undefined ? text : writeCheckpoint(less);
}

/** Undefined where nothing can be done without: of recordings, and of the places tried, the last is kept. */
function withLess(checkpoint: Checkpoint): Checkpoint | undefined {
  const rec = thinned(checkpoint.rec);
  if (rec !== undefined) return { ...checkpoint, rec };
  const { plan, cursor, hand } = checkpoint;
  return hand && plan.length > 1 ? { ...checkpoint, plan: plan.slice(1), cursor: Math.max(0, cursor - 1) } : undefined;
}

/** What a call is carried on without, where another version writes it otherwise. */
const DISPENSABLE: ReadonlySet<PropertyKey | undefined> = new Set(['rec', 'away', 'waits']);

/** Undefined for what this version cannot carry the call on from. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const written = objectIn(text);
  const { data, error } = memoryShape.safeParse(written);
  const unread = new Set(error?.issues.map(({ path }) => path[0]));
  if (data || [...unread].some((key) => !DISPENSABLE.has(key))) return data;
  return memoryShape.safeParse(Object.fromEntries(Object.entries(written).filter(([key]) => !unread.has(key)))).data;
}

const { hand: _hand, v: _version, ...logKeys } = memoryShape.shape;

/** Each key that can be read of a checkpoint that {@link readCheckpoint} cannot read, but for where the conversation stands. */
export function readRemnant(text: string): Partial<Checkpoint> {
  const written: Readonly<Record<string, unknown>> = objectIn(text);
  const read = Object.entries(logKeys).map(([key, shape]) => [key, shape.safeParse(written[key]).data] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const { data = {} } = z.looseObject({}).safeParse(JSON.parse(text));
    return data;
  } catch {
    return {};
  }
}

/**
 * The checkpoint as it would stand had its last write not been held up by a prompt: living legs further on in the plan
 * tell how far the call had come, and how many records (one for each place dialled) were told on the way.
 */
export function catchUp(checkpoint: Checkpoint, livingLegs: readonly string[]): Checkpoint {
  if (checkpoint.talking !== undefined) return checkpoint; // nothing of the plan is dialled any more
  const places = livingLegs.flatMap((id) => ({ id, ...parseLegId(id) })).filter(isPlace);
  const last = places.toSorted((a, b) => a.cursor - b.cursor || a.round - b.round).at(-1);
  if (last === undefined || !isFurther(last, checkpoint)) return checkpoint;
  const { cursor, round } = last;
  const legs = places.filter((place) => place.cursor === cursor && place.round === round).map(({ id }) => id);
  const isTold = checkpoint.legs !== undefined || checkpoint.round > 0;
  const first = isTold ? checkpoint.cursor + 1 : checkpoint.cursor;
  const dialled = connectsOf(checkpoint.plan.slice(first, cursor + 1)).length;
  return { ...checkpoint, cursor, round, legs, seq: checkpoint.seq + dialled };
}

const isPlace = <T extends { id: string }>(place: T & Partial<LegPlace>): place is T & LegPlace =>
  place.cursor !== undefined;

const isFurther = ({ cursor, round }: LegPlace, checkpoint: Checkpoint): boolean =>
  cursor > checkpoint.cursor ||
  (cursor === checkpoint.cursor && (round > checkpoint.round || checkpoint.legs === undefined));

/** Leg ids tell where in the plan a leg was dialled, so that living legs can tell it to whoever adopts the call. */
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
