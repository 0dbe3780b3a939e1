/**
 * What may be asked of a call that talks, who asks, and what is answered: the same for phones, HTTP, the command line, and
 * controllers among themselves. Limits of texts stand as `meta`: HTTP checks them, where texts come from outside.
 */
import { z } from 'zod';
import { destinationShape } from '../routing/steps.ts';
import { isRefusal, type Refusal } from './refusals.ts';

export const TRANSFER_KINDS = ['blind', 'attended', 'three-way'] as const;

export const SUPERVISOR_ROLES = ['listen', 'whisper', 'barge'] as const;

/** Requests that say everything by their name. */
const VERBS = ['complete', 'return', 'pull-back', 'hold', 'resume', 'mute', 'unmute', 'unsupervise'] as const;
const [COMPLETE, ...OTHERS] = VERBS;

/** What HTTP and the command line call them: `leave` is said by who completes a call of three. */
export const ACTIONS = [COMPLETE, 'leave', ...OTHERS] as const;

export const verbOf = (action: (typeof ACTIONS)[number]): (typeof VERBS)[number] =>
  action === 'leave' ? 'complete' : action;

/**
 * One line that says what it shows, whatever a phone or a header makes of it: no control character, no half of a character,
 * nothing without a width or that turns the direction of writing; but what joins two emoji to one.
 */
const ONE_LINE =
  '^(?:[^\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]|(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic}))*$';

const transferShape = z.strictObject({
  do: z.literal('transfer'),
  /** As sent: not to be trusted with anything. */
  to: z.string().meta({ minLength: 1, maxLength: 128 }),
  kind: z.enum(TRANSFER_KINDS),
  workOrder: z.string().meta({ minLength: 1, maxLength: 32, pattern: ONE_LINE }).exactOptional(),
  note: z.string().meta({ maxLength: 200, pattern: ONE_LINE }).exactOptional(),
});

const superviseShape = z.strictObject({
  do: z.literal('supervise'),
  as: z.enum(SUPERVISOR_ROLES),
  endpoint: z.string().meta({ minLength: 1, maxLength: 64 }),
});

/** Strict: to do what a request says, and leave out what of it is not understood, might be the wrong thing. */
export const requestShape = z.discriminatedUnion('do', [
  transferShape,
  superviseShape,
  z.strictObject({ do: z.enum(VERBS) }),
]);

export type CallRequest = Readonly<z.infer<typeof requestShape>>;

const jsonSchema = (shape: z.ZodType): object => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape);
  return schema;
};

const transferBody = transferShape.omit({ do: true });
const superviseBody = superviseShape.omit({ do: true }).partial({ endpoint: true });

/** JSON schemas of what HTTP is sent beside the name of a request. Nobody else's phone is rung where none is named. */
export const bodySchemas = { transfer: jsonSchema(transferBody), supervise: jsonSchema(superviseBody) } as const;

export type TransferBody = Readonly<z.infer<typeof transferBody>>;

export type SuperviseBody = Readonly<z.infer<typeof superviseBody>>;

/** Who asks on a call, as the call sees it. */
export interface Asker {
  /** Told in the records. */
  readonly by: string;
  readonly via: 'phone' | CallAsking['via'];
  /** Whose agent asks. `any`: a supervisor or operator, who may speak for the agent on the call. */
  readonly as: { readonly leg: string } | { readonly endpoint: string } | 'any';
  /** The asker's own phone, as the settings have it. */
  readonly phone?: string;
  /** The same key gets the same answer. */
  readonly key?: string;
}

/** Who asks by a token. */
export interface CallAsking {
  /** Whose token it is; `endpoint`: an agent's phone, as the PBX names it. */
  readonly caller: { readonly name: string; readonly role: string; readonly endpoint?: string | undefined };
  readonly via: 'api' | 'cli';
  /** The same key of the same token gets the same answer, from another controller even. */
  readonly key?: string | undefined;
}

/** Of roles that may do something with a call. */
export const askingShape = z.object({
  caller: z.object({
    name: z.string(),
    role: z.enum(['agent', 'supervisor', 'operator']),
    endpoint: z.string().optional(),
  }),
  via: z.enum(['api', 'cli']),
  key: z.string().optional(),
}) satisfies z.ZodType<CallAsking>;

const destinationOrNull = destinationShape.nullable().catch(null);

/** A code that this version does not know is told as `NOT_NOW`. */
const refusedShape = z.string().transform((code): Refusal => (isRefusal(code) ? code : 'NOT_NOW'));

export const answerShape = z.union([
  z.object({ refused: refusedShape, to: destinationOrNull }),
  z.object({ stage: z.string(), to: destinationOrNull }),
]);

/** `stage`: where the call stands then. `to`: the destination that was meant. */
export type CallAnswer = Readonly<z.infer<typeof answerShape>>;

export interface CallControl {
  /** Undefined: no such call is up, here or in the fleet. */
  ask(call: string, request: CallRequest, asking: CallAsking): Promise<CallAnswer | undefined>;
}
