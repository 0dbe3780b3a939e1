/**
 * Why a request on a call is refused: one row a code. Besides its row, a code has a text that phones speak
 * (`routing/transfer-prompts.ts`) and a row in `docs/errors.md`, README and `docs/guide.zh.md`; types and a test ask for each.
 */
import { HotlineError } from '../base/errors.ts';
import type { TransferWord } from '../routing/whispers.ts';

interface Refused {
  /** HTTP. */
  readonly status: 403 | 409 | 422;
  /** What the agent's phone says. */
  readonly spoken: TransferWord;
  /** One line for a person. @param call its id. */
  readonly message: (call: string) => string;
}

const REFUSALS = {
  UNKNOWN_TARGET: { status: 422, spoken: 'unknown-target', message: () => 'the table has nothing of that name' },
  NOT_ALLOWED: {
    status: 403,
    spoken: 'not-allowed',
    message: () => 'the table does not let this agent hand on to that',
  },
  AMBIGUOUS_TARGET: {
    status: 422,
    spoken: 'ambiguous-target',
    message: () => "several seats have that number, and none is for the caller's region",
  },
  TARGET_CLOSED: { status: 409, spoken: 'closed', message: () => 'it is outside its service hours' },
  NOT_NOW: { status: 409, spoken: 'not-now', message: (call) => `${call} does not stand so that this could be done` },
  NOT_YOUR_CALL: { status: 403, spoken: 'refused', message: (call) => `${call} is not this agent's` },
  NOTHING_TO_TAKE_BACK: {
    status: 409,
    spoken: 'nothing-to-take-back',
    message: (call) => `nobody has handed ${call} on`,
  },
} as const satisfies Readonly<Record<string, Refused>>;

export type Refusal = keyof typeof REFUSALS;

export const refusalCodes = Object.keys(REFUSALS) as readonly Refusal[];

export const isRefusal = (text: string): text is Refusal => Object.hasOwn(REFUSALS, text);

/** What an agent's phone says of a refusal. */
export const spokenRefusal = (refused: Refusal): TransferWord => REFUSALS[refused].spoken;

/** A request on a call was refused. */
export class CallRefused extends HotlineError {
  readonly code: Refusal;
  readonly exitCode = 1;
  readonly status: number;

  constructor(code: Refusal, call: string) {
    const { status, message } = REFUSALS[code];
    super(message(call));
    this.code = code;
    this.status = status;
  }
}
