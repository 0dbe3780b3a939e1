/**
 * The call log of one call: where it stands (kept on the PBX as its checkpoint) and what is told of it (its records).
 * A record of the plan goes out before the checkpoint that counts it, so after a crash it may come twice, with the same number,
 * but none is missing. What agents ask for is not asked again by whoever takes the call over: those numbers are remembered first.
 */
import { type CallRecord, makeRecord, type PastRecord, type RecordFields, thingOf } from '../records/record.ts';
import type { Decision } from '../routing/routing.ts';
import { type ConnectStep, connectsOf } from '../routing/steps.ts';
import type { DestinationId } from '../routing/table.ts';
import { type Call, CallLetGo, type HangupCause } from '../switch/port.ts';
import { type Checkpoint, parseLegId, writeCheckpoint } from './checkpoint.ts';
import { placesOf } from './stretches.ts';
import type { Effect } from './transfer/events.ts';
import { isStranded, isTalking, type TransferState } from './transfer/state.ts';
import { awayAt, awayUntil, waitedUntil, waitsOf } from './waits.ts';

export interface Telling {
  readonly switchName: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds by a clock that is never set, from any zero; without it, `now` counts. */
  readonly steady?: () => number;
  readonly emit: (record: CallRecord) => void;
  /** What former controllers told of a call, as far as is known. */
  readonly alreadyEmitted?: (callId: string) => readonly PastRecord[];
}

type EndedBy = RecordFields<'ended'>['by'];

/** How a session ends its call. */
export interface Ending {
  readonly by: 'caller' | 'agent' | 'hotline';
  readonly cause: string;
  readonly q850: number;
  /** What the caller's leg is hung up with. */
  readonly hangup: HangupCause;
}

/** Why a caller whom nobody answered was missed; undefined for one whom the fallback serves on. */
function missedBecause(by: EndedBy, cause: string): RecordFields<'missed'>['reason'] | undefined {
  if (by === 'caller') return 'gave-up';
  if (by === 'switch' || cause === 'failure') return 'failure';
  return cause === 'given-back' ? undefined : 'no-answer';
}

/** Past the numbers that a former controller can have given, where nobody knows them: the gap shows that records are missing. */
const SEQ_UNKNOWN = 1_000;

const connectTo = (to: DestinationId) => ({ do: 'connect', to }) as const;

const withNext = (places: readonly DestinationId[], to: DestinationId): readonly DestinationId[] =>
  places.at(-1) === to ? places : [...places, to];

export class CallLog {
  readonly #call: Call;
  readonly #telling: Telling;
  #checkpoint: Checkpoint;
  readonly tried: DestinationId[];
  /** On the steady clock: when the call arrived. */
  readonly #began: number;
  /** What former controllers told, by number: {@link thingOf}. */
  readonly #told: ReadonlyMap<number, string>;
  /** Of numbers: those of records that are about to be told. */
  #taken = 0;
  #over = false;
  #joined: { to: DestinationId; agent: string | null; waitedMs: number } | undefined;

  constructor(call: Call, telling: Telling, checkpoint: Checkpoint) {
    this.#call = call;
    this.#told = new Map(telling.alreadyEmitted?.(call.id).map((record) => [record.seq, thingOf(record)]));
    this.#telling = telling;
    this.#checkpoint = checkpoint;
    const { talking, arrived, cursor } = checkpoint;
    this.#began = this.#steady() - Math.max(0, telling.now() - arrived);
    if (talking) this.#joined = { to: talking.to, agent: talking.agent, waitedMs: talking.since - arrived };
    const behind = checkpoint.plan.slice(0, talking ? cursor + 1 : cursor);
    this.tried = connectsOf(behind).map(({ to }) => to);
  }

  /** @param takeovers 1 for a call found without a checkpoint: its legs must not have the ids of those left on the PBX. */
  static begin(call: Call, telling: Telling, routing: Decision, takeovers: 0 | 1): CallLog {
    const { revision, plan } = routing;
    const of =
      routing.number === null
        ? { number: null, unit: null, mode: null, region: null }
        : { number: routing.number, unit: routing.unit, mode: routing.mode, region: routing.region.id };
    const place = { cursor: 0, round: 0, seq: 0, takeovers, arrived: telling.now() };
    return new CallLog(call, telling, { v: 1, ...of, revision, plan: [...plan], ...place });
  }

  /**
   * Of a call that talks, and whose checkpoint cannot be read whole: only its end is emitted, and nothing is written.
   * @param leg an answered one. @param routing what a new call of the same arrival would get.
   */
  static watch(call: Call, telling: Telling, routing: Decision, remnant: Partial<Checkpoint>, leg: string): CallLog {
    const { checkpoint } = CallLog.begin(call, telling, routing, 0);
    const { takeovers = 0 } = remnant;
    const seqs = telling.alreadyEmitted?.(call.id).map((record) => record.seq) ?? [];
    const seq = seqs.length > 0 ? Math.max(...seqs) + 1 : SEQ_UNKNOWN;
    const known = { ...checkpoint, seq, ...remnant, takeovers: takeovers + 1 };
    const dialled = known.plan[parseLegId(leg)?.cursor ?? known.cursor];
    const step = dialled?.do === 'connect' ? dialled : connectsOf(known.plan).at(-1);
    const talking = step && { leg, to: step.to, agent: null, since: telling.now() };
    return new CallLog(call, telling, { ...known, ...(known.talking === undefined && talking && { talking }) });
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  get answeredBy(): DestinationId | null {
    return this.#joined?.to ?? null;
  }

  /** Milliseconds since the call arrived. */
  get ms(): number {
    return Math.max(0, Math.round(this.#steady() - this.#began));
  }

  #steady(): number {
    const { steady, now } = this.#telling;
    return steady === undefined ? now() : steady();
  }

  /**
   * Moves the call log on, and has the PBX remember it. Keys given as undefined are forgotten. Seldom waited for: the port
   * keeps the order, and a call goes on even where its checkpoint cannot be written.
   */
  move(change: { [K in keyof Checkpoint]?: Checkpoint[K] | undefined }): Promise<void> {
    const waits = this.#joined ? this.#checkpoint.waits : waitedUntil(this.#checkpoint, this.ms);
    const merged = Object.entries({ ...this.#checkpoint, waits, ...change }).filter(([, value]) => value !== undefined);
    this.#checkpoint = Object.fromEntries(merged) as Checkpoint;
    return this.#call.writeCheckpoint(
      writeCheckpoint({ ...this.#checkpoint, seq: this.#checkpoint.seq + this.#taken }),
    );
  }

  /** Nothing is told of a call that has ended. */
  emit<T extends CallRecord['type']>(type: T, fields: RecordFields<T>): void {
    const { number, unit, mode, region, revision } = this.#checkpoint;
    if (this.#over) return;
    const seq = this.#numberFor(thingOf({ type, ...fields }));
    const at = new Date(this.#telling.now()).toISOString();
    const common = { v: 1 as const, callId: this.#call.id, seq, at, ms: this.ms, switch: this.#telling.switchName };
    this.#checkpoint = { ...this.#checkpoint, seq: seq + 1 };
    this.#telling.emit(makeRecord(type, { ...common, number, unit, mode, region, revision }, fields));
  }

  /**
   * A killed controller may have told more than the PBX remembers. What is told again gets its number again; a number that
   * another thing has is passed over, or whoever drops repeats would drop this.
   */
  #numberFor(thing: string): number {
    let { seq } = this.#checkpoint;
    while (this.#told.has(seq) && this.#told.get(seq) !== thing) seq += 1;
    return seq;
  }

  /** A place of the plan is dialled; told once, however often the call is taken over there. */
  trying(step: ConnectStep, endpoints: readonly string[]): void {
    this.tried.push(step.to);
    if (this.#checkpoint.legs !== undefined || this.#checkpoint.round > 0) return;
    if (step.to.startsWith('queue:')) this.emit('queued', { to: step.to, skill: step.skill ?? null });
    else this.emit('ringing', { to: step.to, endpoints: [...endpoints] });
  }

  /** What an event has made of the conversation. */
  moved(before: TransferState, state: TransferState, effects: readonly Effect[]): Promise<void> {
    const waiting = waitingAnew(before, state);
    const tells = effects.flatMap((effect) => this.#tellingOf(effect) ?? []);
    const sought = soughtIn(effects);
    if (waiting === undefined) return this.#tellMoved(tells, () => this.converse(state, sought));
    return this.#tellMoved([...tells, () => this.#waits(waiting)], () => this.converse(state, [...sought, waiting.to]));
  }

  /** A request on the conversation was refused. */
  refused(told: RecordFields<'transferred'>): Promise<void> {
    return this.#tellMoved([() => this.emit('transferred', told)], () => this.move({}));
  }

  #tellingOf(effect: Effect): (() => void) | undefined {
    if (effect.do === 'tell') {
      const { stage, of, reason, workOrder = null } = effect;
      const { kind, from, to, by, via, note = null } = of;
      return () => this.emit('transferred', { kind, stage, from, to, by, via, reason, workOrder, note });
    }
    if (effect.do !== 'tell-answered') return undefined;
    return () => this.#answered(effect.party.to, effect.party.agent, this.ms, this.ms);
  }

  /** A caller whom agents have lost waits for another, or for the one before. */
  #waits({ to, agent }: Waiting): void {
    if (to.startsWith('queue:') && agent === null) this.emit('queued', { to, skill: null });
    else this.emit('ringing', { to, endpoints: agent === null ? [] : [agent] });
  }

  /**
   * Where the conversation stands. Of the plan, no more is kept from then on than the places that were tried: the checkpoint
   * has room for what agents say instead.
   * @param sought destinations of the transfers that begin with this state.
   */
  converse(hand: TransferState, sought: readonly DestinationId[] = []): Promise<void> {
    const { plan, cursor } = this.#checkpoint;
    const behind = connectsOf(plan.slice(0, cursor + 1)).map(({ to }) => to);
    const tried = sought.reduce(withNext, behind);
    for (const to of sought) if (this.tried.at(-1) !== to) this.tried.push(to);
    const away = awayAt(this.#checkpoint.away, this.ms, isTalking(hand));
    return this.move({ hand, away, plan: tried.map(connectTo), cursor: Math.max(0, tried.length - 1) });
  }

  /**
   * Tells of what `moves` the call, and first has it remembered that the numbers are taken: killed in between, a record may
   * be missing, which its number shows, but no number is ever told of two things.
   */
  async #tellMoved(tells: readonly (() => void)[], moves: () => Promise<void>): Promise<void> {
    if (tells.length === 0) return void moves();
    this.#taken += tells.length;
    await moves();
    this.#taken -= tells.length;
    if (this.#call.signal.reason instanceof CallLetGo) return; // another controller goes on from behind them
    for (const tell of tells) tell();
  }

  /** Caller and agent are joined. @param agentMs when the agent was there, in milliseconds since arrival. */
  joined(to: DestinationId, leg: string, agent: string | null, agentMs: number): void {
    const waitedMs = this.ms;
    this.#checkpoint = { ...this.#checkpoint, waits: waitedUntil(this.#checkpoint, waitedMs) };
    this.#joined = { to, agent, waitedMs };
    this.#answered(to, agent, agentMs, waitedMs);
    void this.move({ talking: { leg, to, agent, since: this.#checkpoint.arrived + waitedMs }, legs: undefined });
  }

  #answered(to: DestinationId, agent: string | null, agentMs: number, waitedMs: number): void {
    this.emit('answered', { to, agent, agentMs, waitedMs, waits: waitsOf(this.#checkpoint.waits) });
  }

  /** The last thing told: the end, and before it that the call was missed when nobody was reached. */
  ended(by: EndedBy, cause: string, q850: number): void {
    const { arrived, takeovers, hand, away } = this.#checkpoint;
    const joined = this.#joined;
    const wasLost = hand !== undefined && isStranded(hand);
    const isMissed = (joined === undefined || wasLost) && this.#checkpoint.number !== null;
    const reason = isMissed ? missedBecause(by, cause) : undefined;
    const waits = waitsOf(joined ? this.#checkpoint.waits : waitedUntil(this.#checkpoint, this.ms));
    const { caller } = this.#call.arrival;
    const callBack = caller !== null && /\d/.test(caller);
    if (reason !== undefined) this.emit('missed', { reason, tried: [...this.tried], caller, callBack, waits });
    this.emit('ended', {
      by,
      cause,
      q850,
      ...this.#call.arrival,
      arrivedAt: new Date(arrived).toISOString(),
      waitedMs: joined?.waitedMs ?? null,
      talkedMs: joined === undefined ? null : Math.max(0, this.ms - joined.waitedMs - awayUntil(away, this.ms)),
      answeredBy: joined?.to ?? null,
      agent: joined?.agent ?? null,
      tried: [...this.tried],
      takeovers,
      waits,
      transfers: hand?.done ?? 0,
      recordings: placesOf(this.#call.id, this.#checkpoint.rec, this.ms),
    });
    this.#over = true;
  }
}

/** Whom a caller waits for whom agents have lost. */
interface Waiting {
  readonly to: DestinationId;
  /** The transferor, whose phone is to ring; null: a queue is to. */
  readonly agent: string | null;
}

/** Undefined where the caller has an agent or waits on as before, and where the transferor is there at once by a call of their own. */
function waitingAnew(before: TransferState, state: TransferState): Waiting | undefined {
  if (state.stage === 'rescue') {
    const isSame = before.stage === 'rescue' && before.isSupervised === state.isSupervised;
    return isSame ? undefined : { to: state.asked.to, agent: null };
  }
  if (state.stage !== 'return' || before.stage === 'return') return undefined;
  const isThere = before.stage !== 'pull-back' && state.ring !== undefined;
  return isThere ? undefined : { to: state.origin.to, agent: state.origin.agent };
}

/** Whose phones are to ring for the caller from now on. */
function soughtIn(effects: readonly Effect[]): readonly DestinationId[] {
  if (effects.some((effect) => effect.do === 'tell' && effect.reason === 'ping-pong')) return [];
  return effects.flatMap((effect) => {
    if (effect.do !== 'tell' || effect.stage !== 'asked' || effect.of.kind === 'pull-back') return [];
    return [effect.of.to];
  });
}
