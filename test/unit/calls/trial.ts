/** The shipped table on a PBX in memory, with controllers that can die: what the tests of calls share. */
import { setImmediate as turn } from 'node:timers/promises';
import { vi } from 'vitest';
import type { Logger } from '../../../src/base/log.ts';
import { LiveCalls } from '../../../src/calls/live-calls.ts';
import type { RecordingRoom } from '../../../src/calls/recorder.ts';
import { type CallRecord, recordShape } from '../../../src/records/record.ts';
import type { Table } from '../../../src/routing/table.ts';
import { type MemoryCaller, MemoryPbx } from '../../../src/switch/memory/pbx.ts';
import { MemorySwitch } from '../../../src/switch/memory/switch.ts';
import type { Arrival, Call, CallTaker } from '../../../src/switch/port.ts';
import { liveTable } from '../routing/tables.ts';

export const PROMPT_MS = 6_000;

export interface Controller {
  readonly live: LiveCalls;
  /** As kill -9: nothing it was about to do happens. */
  die(): Promise<void>;
}

type OfType<T extends CallRecord['type']> = Extract<CallRecord, { type: T }>;

export class Trial {
  readonly pbx = new MemoryPbx();
  /** Everything told, by all controllers. */
  readonly records: CallRecord[] = [];
  readonly errors: string[] = [];
  /** Why nothing may be recorded; undefined: it may. */
  noRoom: RecordingRoom['refusal'];
  /** How recordings have ended. */
  readonly recordingEnds: string[] = [];
  table: Table;
  /** Revisions that were live once, and are still known. */
  former: readonly Table[] = [];
  /** Record types that cannot be told. */
  untold: ReadonlySet<CallRecord['type']> = new Set();
  /** Changes a call before a controller gets it: to have an operation fail. */
  tamper: (call: Call) => void = () => undefined;

  constructor(table: Table = liveTable()) {
    this.table = table;
    for (const id of this.table.prompts.keys()) this.pbx.prompts.set(id, id.startsWith('whisper') ? 750 : PROMPT_MS);
    for (const { name, members, skillMembers } of this.table.queues.values()) {
      this.pbx.queues.set(name, members);
      for (const [skill, skilled] of skillMembers) this.pbx.queues.set(`${name}-skill-${skill}`, skilled);
    }
  }

  async start(): Promise<Controller> {
    let alive = true;
    const emit = (record: CallRecord) => {
      if (this.untold.has(record.type)) throw new Error('the disk is on fire');
      if (alive) this.records.push(recordShape.parse(record));
    };
    const tableOf = async (revision: string) => [this.table, ...this.former].find((each) => each.revision === revision);
    const recordings = this.#room(() => alive);
    const live = new LiveCalls({
      tableFor: () => this.table,
      tableOf,
      emit,
      recordings,
      now: Date.now,
      log: this.#log(),
    });
    const held = new MemorySwitch('pbx1', this.pbx);
    await held.start(this.#tampering(live.takerFor('pbx1')));
    const die = async () => {
      alive = false;
      await held.stop();
    };
    return { live, die };
  }

  /** A call that has reached the controller. */
  async call(dialled: string, more: Partial<Arrival> = {}): Promise<MemoryCaller> {
    const caller = this.pbx.placeCall({ dialled, caller: '13900001111', trunk: 'exchange', ...more });
    await turn();
    await pass(0);
    return caller;
  }

  /** `type` of each record, with the place where it has one. */
  get story(): string[] {
    return this.records.map((record) => ('to' in record ? `${record.type} ${record.to}` : record.type));
  }

  last<T extends CallRecord['type']>(type: T): OfType<T> {
    const found = this.records.findLast((record) => record.type === type);
    if (found === undefined) throw new Error(`no record "${type}" in ${this.story.join(', ')}`);
    return found as OfType<T>;
  }

  #room(isAlive: () => boolean): RecordingRoom {
    const noRoom = () => this.noRoom;
    return {
      get refusal() {
        return noRoom();
      },
      ended: (end) => {
        if (isAlive()) this.recordingEnds.push(end);
      },
    };
  }

  #log(): Logger {
    const ignore = () => undefined;
    const log: Logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (facts, message) => this.errors.push(`${message} ${JSON.stringify(facts)}`),
      child: () => log,
    };
    return log;
  }

  #tampering(taker: CallTaker): CallTaker {
    return {
      phoned: (phone) => taker.phoned(phone),
      arrived: (call) => {
        this.tamper(call);
        taker.arrived(call);
      },
      adopted: (call, memory) => {
        this.tamper(call);
        taker.adopted(call, memory);
      },
    };
  }
}

/** Lets so much time go by, and whatever happens in it happen. */
export const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
};

export const useCallClock = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2026, 9, 1) });
};
