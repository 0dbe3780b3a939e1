/**
 * Where a conversation stands: who talks with the caller, and what becomes of a transfer that is under way. Plain data in
 * the call's checkpoint. `origin` is the transferor, the agent who transfers; `target` is whom the caller is transferred to.
 */
import { z } from 'zod';
import { SUPERVISOR_ROLES, TRANSFER_KINDS } from '../../requests/request.ts';
import { destinationShape } from '../../routing/steps.ts';
import type { DestinationId } from '../../routing/table.ts';

/** An agent on the call. `leg` is gone, or not there yet, while nobody of that name is. */
const partyShape = z.object({ leg: z.string(), to: destinationShape, agent: z.string().nullable() });

const askedShape = z.object({
  kind: z.enum([...TRANSFER_KINDS, 'pull-back']),
  from: destinationShape,
  to: destinationShape,
  /** Endpoint or token that asked. */
  by: z.string(),
  via: z.enum(['phone', 'api', 'cli']).catch('api'),
  note: z.string().exactOptional(),
});

/** Seats of one place ring in rounds; these are the legs of the round that rings. */
const ringShape = z.object({ round: z.number(), legs: z.array(z.string()) });

const queuedShape = z.object({ to: destinationShape, ring: ringShape, isSupervised: z.literal(true).exactOptional() });

const keptShape = {
  /** Unix milliseconds: since when the present agent talks. */
  since: z.number(),
  /** Rounds dialled, which keeps leg ids apart. */
  rung: z.number(),
  /** Hand-overs without a minute of talk between them. */
  bounced: z.number().default(0),
  /** Hand-overs completed. */
  done: z.number().default(0),
  /** 工单号 */
  workOrder: z.string().exactOptional(),
  /** Who transferred the caller last, and so may take the caller back; `at` in Unix milliseconds. */
  handedBy: z.object({ to: destinationShape, agent: z.string(), at: z.number() }).exactOptional(),
  /** Leg ids. */
  muted: z.array(z.string()).default([]),
  supervisor: z
    .object({ leg: z.string(), as: z.enum(SUPERVISOR_ROLES).catch('listen'), endpoint: z.string(), here: z.boolean() })
    .exactOptional(),
  /** Requests answered under a key of the asker's, the latest last: key, stage or refusal, destination. */
  answers: z.array(z.tuple([z.string(), z.string(), destinationShape.nullable()])).catch([]),
};

const stage = <S extends string, F extends z.ZodRawShape>(name: S, fields: F) =>
  z.object({ ...keptShape, stage: z.literal(name), origin: partyShape, ...fields });

/** `asked.to` is sought. */
const seeking = { asked: askedShape, ring: ringShape.exactOptional() };
/** The consultation leg: a call that the transferor's phone has placed by itself. */
const second = { second: z.string().exactOptional() };

/**
 *             ┌───── transferor comes back, or target fails ──────────────┐
 *             ▼                                                           │
 *   ┌─────▶ talk ──attended──▶ attended ──answered──▶ consult ──complete──┼──▶ talk (with target)
 *   │        │ │                                                          │
 *   │        │ └────three-way──▶ joining ──answered──▶ together ──leave───┘
 *   │        └──blind──▶ blind ──answered──▶ talk (with target)
 *   │                      └──unanswered──▶ return (transferor rings) ──unanswered──▶ rescue ──nobody──▶ sorry
 *   └── pull-back (transferor rings, target talks on) ◀── talk (with target)
 *
 * `rescue`: in the fallback queue, `sorry`: hears the apology; a checkpoint and the API have these names.
 */
export const transferStateShape = z.discriminatedUnion('stage', [
  /** `unheard`: caller and this agent have yet to hear each other, though they could. */
  stage('talk', { held: z.boolean(), unheard: z.literal(true).exactOptional() }),
  /** `wayBack`: the transferor may be rung again. */
  stage('blind', { ...seeking, wayBack: z.boolean() }),
  /** `queued`: the place in the fallback queue, which the caller keeps until the transferor answers. */
  stage('return', {
    asked: askedShape,
    reason: z.string(),
    ring: ringShape.exactOptional(),
    queued: queuedShape.exactOptional(),
  }),
  /** `isSupervised`: asked of the supervisors, since the caller was transferred too often; the queue of the region is next. */
  stage('rescue', { ...seeking, isSupervised: z.literal(true).exactOptional() }),
  stage('attended', { ...seeking, ...second }),
  stage('consult', { asked: askedShape, target: partyShape, ...second }),
  stage('joining', seeking),
  stage('together', { asked: askedShape, target: partyShape }),
  stage('pull-back', { asked: askedShape, target: partyShape, ring: ringShape.exactOptional() }),
  stage('sorry', {}),
]);

/**
 * As it is written on the PBX, where every byte counts: the transferor is named once, by `origin`. What is transferred from
 * elsewhere says so.
 */
export const withoutRepeats = (state: TransferState): object =>
  'asked' in state && state.asked.from === state.origin.to
    ? { ...state, asked: { ...state.asked, from: undefined } }
    : state;

const withoutRepeatsShape = z.looseObject({ origin: z.looseObject({ to: z.unknown() }), asked: z.looseObject({}) });

/** What {@link withoutRepeats} has left out, put back; whatever else it is, unchanged. */
export function withRepeats(written: unknown): unknown {
  const { data } = withoutRepeatsShape.safeParse(written);
  return data === undefined ? written : { ...data, asked: { from: data.origin.to, ...data.asked } };
}

export type TransferState = Readonly<z.infer<typeof transferStateShape>>;
export type Stage = TransferState['stage'];
export type At<S extends Stage> = Extract<TransferState, { stage: S }>;
export type Party = Readonly<z.infer<typeof partyShape>>;
export type Asked = Readonly<z.infer<typeof askedShape>>;
export type SupervisorRole = NonNullable<TransferState['supervisor']>['as'];

/** A caller and an agent who talk, before anything was asked. */
export const talkWith = (origin: Party, since: number): At<'talk'> => ({
  stage: 'talk',
  origin,
  since,
  held: false,
  rung: 0,
  bounced: 0,
  done: 0,
  muted: [],
  answers: [],
});

/** What stays with the call, whatever the stage. */
export type Kept = Pick<TransferState, keyof typeof keptShape>;

export const keptOf = (state: TransferState): Kept => {
  const { since, rung, bounced, done, workOrder, handedBy, muted, supervisor, answers } = state;
  return {
    since,
    rung,
    bounced,
    done,
    muted,
    answers,
    ...(workOrder !== undefined && { workOrder }),
    ...(handedBy && { handedBy }),
    ...(supervisor && { supervisor }),
  };
};

/** Legs of the queue in which a caller who is being taken back keeps the place. */
export const queuedLegs = (state: TransferState): readonly string[] =>
  state.stage === 'return' ? (state.queued?.ring.legs ?? []) : [];

/** Legs that ring at this stage. */
export const ringingLegs = (state: TransferState): readonly string[] => [
  ...('ring' in state ? (state.ring?.legs ?? []) : []),
  ...queuedLegs(state),
];

const IS_GONE: ReadonlySet<Stage> = new Set(['blind', 'return', 'rescue', 'sorry', 'pull-back']);

/** Legs of the transferor that should be there, a consultation leg among them. */
export const originLegs = (state: TransferState): readonly string[] => {
  if (IS_GONE.has(state.stage)) return [];
  const second = 'second' in state ? state.second : undefined;
  return second === undefined ? [state.origin.leg] : [state.origin.leg, second];
};

/** Every answered leg that should be there, but a supervisor's. */
export const partyLegs = (state: TransferState): readonly string[] => [
  ...originLegs(state),
  ...('target' in state ? [state.target.leg] : []),
];

/** Every leg that the state knows: whoever else is found on the call has no business there. */
export const knownLegs = (state: TransferState): readonly string[] => [
  ...partyLegs(state),
  ...ringingLegs(state),
  ...(state.supervisor ? [state.supervisor.leg] : []),
];

/** The leg of the agent who is with the caller, or was until a consultation. */
export const presentLeg = (state: TransferState): string | undefined =>
  state.stage === 'pull-back' ? state.target.leg : originLegs(state)[0];

/** The agent whom the caller is yet to hear. */
export const unheardLeg = (state: TransferState): string | undefined =>
  state.stage === 'talk' && state.unheard ? state.origin.leg : undefined;

/** Destination whose policy holds for what the caller says and hears; undefined: no agent has the caller. */
export const recordedAs = (state: TransferState): DestinationId | undefined => {
  if (isStranded(state)) return undefined;
  return state.stage === 'pull-back' ? state.target.to : state.origin.to;
};

const IS_TALK: ReadonlySet<Stage> = new Set(['talk', 'joining', 'together', 'pull-back']);
/** Caller and agent talk, or the agent has put the caller on hold; elsewhere the caller waits for one. */
export const isTalking = ({ stage }: TransferState): boolean => IS_TALK.has(stage);

/** No agent has the caller: whoever hangs up now was left without anybody. */
export const isStranded = (state: TransferState): boolean =>
  state.stage === 'blind' || state.stage === 'return' || state.stage === 'rescue' || state.stage === 'sorry';

export type Seeking = At<'blind' | 'return' | 'rescue' | 'attended' | 'joining' | 'pull-back'>;
const SEEKING: ReadonlySet<Stage> = new Set(['blind', 'return', 'rescue', 'attended', 'joining', 'pull-back']);
/** Somebody's phone rings, or is to ring, for the caller. */
export const isSeeking = (state: TransferState): state is Seeking => SEEKING.has(state.stage);
