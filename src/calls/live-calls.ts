/** The calls that are up: takes them from the switches, runs each on its own, and lets go of each when it ends. */
import type { CallRecord } from '../feed/record.ts';
import type { Logger } from '../log.ts';
import { route } from '../routing/plan.ts';
import type { Table } from '../routing/table.ts';
import type { Call, CallTaker } from '../switch/port.ts';
import { catchUp, readMemory } from './memory.ts';
import { Session } from './session.ts';
import { Story } from './story.ts';

export interface LiveCallsParts {
  /** The revision new calls are routed by. */
  readonly table: () => Table;
  readonly emit: (record: CallRecord) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class LiveCalls {
  readonly #parts: LiveCallsParts;
  readonly #stories = new Map<string, Story>();
  #idle = Promise.withResolvers<void>();

  constructor(parts: LiveCallsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#stories.size;
  }

  /** Resolves when the last call of now has ended. */
  get idle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : this.#idle.promise;
  }

  /** What a switch hands its calls to. */
  takerFor(switchName: string): CallTaker {
    const telling = { switchName, now: this.#parts.now, emit: this.#parts.emit };
    return {
      arrived: (call) => void this.#begin(call, telling),
      adopted: (call, memory) => void this.#resume(call, memory, telling),
    };
  }

  async #begin(call: Call, telling: ConstructorParameters<typeof Story>[1]): Promise<void> {
    const table = this.#parts.table();
    const routing = route(table, call.arrival, new Date(this.#parts.now()));
    const story = Story.begin(call, telling, routing);
    story.tell('arrived', call.arrival);
    const considered = routing.number === null ? undefined : routing.considered.find(({ matched }) => matched);
    const regionFrom = routing.number === null ? null : routing.region.from;
    story.tell('routed', { regionFrom, rule: considered?.rule ?? null, plan: [...routing.plan] });
    await this.#run(call, story, table);
  }

  /** A call without a memory that we can read begins afresh. */
  async #resume(call: Call, text: string, telling: ConstructorParameters<typeof Story>[1]): Promise<void> {
    const read = readMemory(text);
    if (read === undefined) return this.#begin(call, telling);
    const memory = catchUp(
      read,
      call.foundLegs.map(({ id }) => id),
    );
    const story = new Story(call, telling, memory);
    void story.move({ takeovers: memory.takeovers + 1 });
    await this.#run(call, story, this.#parts.table());
  }

  async #run(call: Call, story: Story, table: Table): Promise<void> {
    this.#stories.set(call.id, story);
    await new Session(call, story, table, this.#parts.log).run();
    this.#stories.delete(call.id);
    if (this.count > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}
