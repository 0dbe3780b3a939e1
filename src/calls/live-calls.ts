/** The calls that are up: takes them from the switches, runs each on its own, and lets go of each when it ends. */

import type { Logger } from '../base/log.ts';
import type { CallRecord, PastRecord } from '../records/record.ts';
import { spokenRefusal } from '../requests/refusals.ts';
import type { Asker, CallAnswer, CallRequest } from '../requests/request.ts';
import { decide } from '../routing/plan.ts';
import type { ArrivedCall } from '../routing/routing.ts';
import type { Table } from '../routing/table.ts';
import { transferPrompt } from '../routing/whispers.ts';
import type { Call, CallTaker, PhoneCall } from '../switch/port.ts';
import { CallLog, type Telling } from './call-log.ts';
import { catchUp, readCheckpoint, readRemnant } from './checkpoint.ts';
import { NO_ROOM, type RecordingRoom } from './recorder.ts';
import type { RequestHandler } from './request-handler.ts';
import { Session } from './session.ts';
import type { TransferState } from './transfer/state.ts';

/** What a phone dials to take back the caller whom it transferred last. */
const TAKE_BACK = '*0';

export interface LiveCallsParts {
  /** The revision a call is routed by; asked once, when it arrives. */
  readonly tableFor: (call: ArrivedCall) => Table;
  /** A revision that a call began with; undefined when it is not known any more. */
  readonly tableOf: (revision: string) => Promise<Table | undefined>;
  readonly emit: (record: CallRecord) => void;
  /** Without one nothing is recorded. */
  readonly recordings?: RecordingRoom;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds by a clock that is never set; without it, `now` counts. */
  readonly steady?: () => number;
  /** What former controllers told of a call; without it, what the PBX remembers has to do. */
  readonly alreadyEmitted?: (callId: string) => readonly PastRecord[];
  readonly log: Logger;
}

export class LiveCalls {
  readonly #parts: LiveCallsParts;
  /** Each session, and what settles when it is over. */
  readonly #running = new Map<Session, Promise<void>>();
  #idle = Promise.withResolvers<void>();
  #isDraining = false;

  constructor(parts: LiveCallsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Those that are up. */
  get sessions(): readonly Session[] {
    return [...this.#running.keys()];
  }

  /** Ids of the calls that are up. */
  get ids(): ReadonlySet<string> {
    return new Set(Array.from(this.#running.keys(), (session) => session.call.id));
  }

  /** Resolves when the last call of now has ended. */
  get idle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : this.#idle.promise;
  }

  /** What a switch hands its calls to. */
  takerFor(switchName: string): CallTaker {
    const { now, steady, emit, alreadyEmitted } = this.#parts;
    const telling = { switchName, now, emit, ...(steady && { steady }), ...(alreadyEmitted && { alreadyEmitted }) };
    return {
      phoned: (phone) => void this.#orLog(this.#phoned(phone)),
      arrived: (call) => void this.#orRelease(call, this.#isDraining ? call.release() : this.#begin(call, telling)),
      adopted: (call, checkpoint) => void this.#orRelease(call, this.#adopt(call, checkpoint, telling)),
    };
  }

  /**
   * Sends new calls to the fallback of their PBX from now on, so that there is an end to them.
   * Resolves when the last has ended, after `seconds`, or when `hurry` aborts.
   */
  async drain(seconds: number, hurry?: AbortSignal): Promise<void> {
    this.#isDraining = true;
    await within(seconds, this.idle, hurry);
  }

  /** Leaves every caller whom no agent has to the fallback. Resolves when they are there, or after `seconds`. */
  async giveBack(seconds: number): Promise<void> {
    const leaving = [...this.#running].flatMap(([session, over]) => (session.giveBack() ? [over] : []));
    await within(seconds, Promise.allSettled(leaving));
  }

  /** A session looks after its own faults; one around it (records that cannot be told, say) costs nobody the call either. */
  async #orRelease(call: Call, running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch (error) {
      this.#parts.log.error(
        { call: call.id, reason: String(error) },
        'a fault around a call; handing it to the fallback',
      );
      await call.release();
    }
  }

  /** Undefined: no such call is up here. */
  async ask(call: string, request: CallRequest, asker: Asker): Promise<CallAnswer | undefined> {
    const session = this.sessions.find((each) => each.call.id === call);
    if (session === undefined) return undefined;
    return (await session.requests?.ask(request, asker)) ?? { refused: 'NOT_NOW', to: null };
  }

  /** An agent's own call: `*0` takes back the caller transferred last; any other number is consulted for the call that the phone is on. */
  async #phoned(phone: PhoneCall): Promise<void> {
    const { endpoint, dialled } = phone;
    const handlers = this.sessions.flatMap(({ requests }) => requests ?? []);
    const answer =
      dialled === TAKE_BACK
        ? await lastTransferredBy(handlers, endpoint)?.takeBack(phone)
        : await handlers.find(({ state }) => isTalkOf(state, endpoint))?.consult(phone);
    const refused = answer ?? { refused: dialled === TAKE_BACK ? 'NOTHING_TO_TAKE_BACK' : 'NOT_NOW', to: null };
    if ('refused' in refused) await phone.refuse([transferPrompt(spokenRefusal(refused.refused))]);
  }

  async #orLog(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#parts.log.error({ reason: String(error) }, "an agent's own call could not be served");
    }
  }

  async #begin(call: Call, telling: Telling, takeovers: 0 | 1 = 0): Promise<void> {
    const table = this.#parts.tableFor({ id: call.id, ...call.arrival });
    const routing = decide(table, call.arrival, new Date(this.#parts.now()));
    const callLog = CallLog.begin(call, telling, routing, takeovers);
    callLog.emit('arrived', call.arrival);
    const rule = routing.number === null ? null : routing.rule;
    const regionFrom = routing.number === null ? null : routing.region.from;
    callLog.emit('routed', { regionFrom, rule, plan: [...routing.plan] });
    await this.#run(call, callLog, table);
  }

  /**
   * A call without a checkpoint that we can read begins afresh, unless an agent is there: then both are left alone, and only
   * watched. Others are adopted with the table they began with, however
   * often another has gone live meanwhile.
   */
  async #adopt(call: Call, text: string, telling: Telling): Promise<void> {
    const read = readCheckpoint(text);
    if (read === undefined) {
      const answered = call.adoptedLegs.find(({ isAnswered }) => isAnswered);
      return answered ? this.#watch(call, text, telling, answered.id) : this.#begin(call, telling, 1);
    }
    const checkpoint = catchUp(
      read,
      call.adoptedLegs.map(({ id }) => id),
    );
    const table =
      (await this.#parts.tableOf(checkpoint.revision)) ?? this.#parts.tableFor({ id: call.id, ...call.arrival });
    const callLog = new CallLog(call, telling, checkpoint);
    void callLog.move({ takeovers: checkpoint.takeovers + 1 });
    await this.#run(call, callLog, table);
  }

  async #watch(call: Call, text: string, telling: Telling, leg: string): Promise<void> {
    const table = this.#parts.tableFor({ id: call.id, ...call.arrival });
    const routing = decide(table, call.arrival, new Date(this.#parts.now()));
    const callLog = CallLog.watch(call, telling, routing, readRemnant(text), leg);
    this.#parts.log.warn(
      { call: call.id },
      'another version began this call, and an agent is on it: it is only watched',
    );
    await this.#run(call, callLog, table, true);
  }

  async #run(call: Call, callLog: CallLog, table: Table, isWatched = false): Promise<void> {
    const { log, now, recordings: room = NO_ROOM } = this.#parts;
    const isStopping = () => this.#isDraining;
    const session = new Session({ call, callLog, table, log, now, room, isStopping, isWatched });
    const over = session.run();
    this.#running.set(session, over);
    try {
      await over;
    } finally {
      this.#running.delete(session);
      if (this.count === 0) this.#tellIdle();
    }
  }

  #tellIdle(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}

const isTalkOf = ({ stage, origin }: TransferState, endpoint: string): boolean =>
  stage === 'talk' && origin.agent === endpoint;

const lastTransferredBy = (handlers: readonly RequestHandler[], endpoint: string): RequestHandler | undefined =>
  handlers
    .filter(({ state }) => state.handedBy?.agent === endpoint)
    .toSorted((a, b) => (a.state.handedBy?.at ?? 0) - (b.state.handedBy?.at ?? 0))
    .at(-1);

async function within(seconds: number, awaited: Promise<unknown>, hurry?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  hurry?.addEventListener('abort', () => resolve(), { once: true });
  if (hurry?.aborted) resolve();
  await Promise.race([awaited, promise]);
  clearTimeout(timer);
}
