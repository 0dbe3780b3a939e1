/** A caller who talks with a 12345 agent on a real PBX, and everybody's hands on their phones and desktops. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentBehaviour } from '../../src/lab/exchange/agents.ts';
import type { Exchange } from '../../src/lab/exchange/exchange.ts';
import type { Phone } from '../../src/lab/exchange/phone.ts';
import type { PlacedCall } from '../../src/lab/exchange/placed-call.ts';
import type { CallRecord } from '../../src/records/record.ts';
import type { Service } from './service.ts';

/** What one scenario has to itself, so that many run at a time: a region's queue, and seats nobody else is handed on to. */
export interface Slot {
  readonly region: string;
  readonly areaCode: string;
  /** Hotline whose seats are T. */
  readonly hotline: string;
  readonly seats: readonly string[];
}

export const SLOTS: readonly Slot[] = [
  { region: 'fuzhou', areaCode: '0591', hotline: '12348', seats: ['12348-1', '12348-2'] },
  { region: 'xiamen', areaCode: '0592', hotline: '12328', seats: ['12328-1', '12328-2'] },
  { region: 'ningde', areaCode: '0593', hotline: '12320', seats: ['12320-1', '12320-2'] },
  { region: 'putian', areaCode: '0594', hotline: '12315', seats: ['12315-1', '12315-2', '12315-3'] },
  { region: 'quanzhou', areaCode: '0595', hotline: '12367', seats: ['12367-1', '12367-2'] },
  {
    region: 'zhangzhou',
    areaCode: '0596',
    hotline: '12360',
    seats: ['12360-xiamen-customs-1', '12360-xiamen-customs-2'],
  },
  { region: 'longyan', areaCode: '0597', hotline: '12313', seats: ['12313-1'] },
  { region: 'nanping', areaCode: '0599', hotline: '12366', seats: ['12366-fujian-1', '12366-fujian-2'] },
];

/** Every queue whose region a caller's number tells, and the province's. */
export const QUEUES: readonly Slot[] = [
  ...SLOTS,
  { region: 'sanming', areaCode: '0598', hotline: '12348', seats: ['12348-1', '12348-2'] },
  { region: 'province', areaCode: '', hotline: '12348', seats: ['12348-1', '12348-2'] },
];

const EVENTUALLY_MS = 12_000;

const same = (a: readonly string[] | null, b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b);

export const tokenOf = (endpoint: string): string => `token-of-${endpoint}`;
export const OPERATOR = 'token-of-an-operator';

export interface TalkParts {
  readonly exchange: Exchange;
  readonly service: () => Service;
  /** What the PBX has just now, for the report of a failure. */
  readonly look: () => Promise<string>;
}

export interface TalkOptions {
  /** Record what the caller hears. */
  readonly record?: boolean;
  /** O is the queue's second agent, for the first is on the phone. */
  readonly second?: boolean;
}

let placed = 0;

export class Talk {
  readonly slot: Slot;
  readonly from: string;
  /** Phones of the agent who has the caller, of the other agent of the queue, and of the one handed on to. */
  readonly o: string;
  readonly o2: string;
  readonly t: string;
  readonly #parts: TalkParts;
  readonly #hangup = new AbortController();
  readonly placed: Promise<PlacedCall>;

  private constructor(parts: TalkParts, slot: Slot, { record = false, second = false }: TalkOptions) {
    placed += 1;
    this.#parts = parts;
    this.slot = slot;
    const number = `87${String(100_000 + placed).slice(-6)}`;
    this.from = slot.areaCode === '' ? `139${number}` : slot.areaCode + number;
    const [one, two] = [`12345-${slot.region}-1`, `12345-${slot.region}-2`];
    this.o = second ? two : one;
    this.o2 = second ? one : two;
    this.t = slot.seats[0] ?? '';
    this.does(this.o, { do: 'answer', afterMs: 100 });
    if (!second) this.does(this.o2, { do: 'busy' });
    const dialled = `${slot.areaCode}12301`;
    this.placed = parts.exchange.placeCall({
      dialled,
      from: this.from,
      record,
      limitMs: 90_000,
      signal: this.#hangup.signal,
    });
  }

  /** Resolves when caller and O hear each other. */
  static async begin(parts: TalkParts, slot: Slot, options: TalkOptions = {}): Promise<Talk> {
    const talk = new Talk(parts, slot, options);
    await talk.expectTogether(talk.o);
    return talk;
  }

  does(phone: string, behaviour: AgentBehaviour): void {
    this.#parts.exchange.setAgent(phone, behaviour);
  }

  /** What becomes of whoever is dialled next: the first seat does it, and the others ring or do the same. */
  seatsDo(behaviour: AgentBehaviour): void {
    const [first = '', ...others] = this.slot.seats;
    this.does(first, behaviour);
    for (const other of others) this.does(other, behaviour.do === 'answer' ? { do: 'ring' } : behaviour);
  }

  phone(name: string): Phone {
    return this.#parts.exchange.phone(name, this.from);
  }

  hangup(): void {
    this.#hangup.abort();
  }

  /** Waits until the caller hears nobody but these, and each of them hears the caller and the others. */
  async expectTogether(...phones: readonly string[]): Promise<void> {
    await this.expectHeard('caller', phones.toSorted());
    for (const phone of phones) {
      await this.expectHeard(phone, ['caller', ...phones.filter((each) => each !== phone)].toSorted());
    }
  }

  /** @param who `caller`, a phone, or `own PHONE` for a call of its own. */
  async expectHeard(who: string, wanted: readonly string[]): Promise<void> {
    await this.#until(`${who} hears [${wanted.join(', ')}]`, EVENTUALLY_MS, async () => {
      const heard = await this.hears(who);
      return same(heard, wanted) || heard;
    });
  }

  async hears(who: string): Promise<readonly string[] | null> {
    const own = /^own (.*)/.exec(who)?.[1];
    const lines = this.phone(own ?? who).lines.filter(({ isOwn }) => isOwn === (own !== undefined));
    const channel = who === 'caller' ? this.#parts.exchange.callerChannel(this.from) : lines.at(-1)?.channel;
    return channel === undefined ? null : this.#parts.exchange.hears(channel);
  }

  /**
   * Waits until the call stands still: with O, with one of `seats`, with both, or O and one of them consult over music.
   * @returns the agents on the call.
   */
  async settledWith(seats: readonly string[]): Promise<readonly string[]> {
    let agents: readonly string[] = [];
    await this.#until('it stands still', EVENTUALLY_MS, async () => {
      const heard = (await this.hears('caller')) ?? [];
      const mine = [this.o, ...seats].filter((phone) => this.phone(phone).lines.length > 0);
      const isConsulting = same(heard, ['music']) && mine.length === 2;
      agents = isConsulting ? mine : heard;
      return isConsulting || (heard.length > 0 && same(heard, mine.toSorted())) || [heard, mine];
    });
    return agents;
  }

  /** Waits until a phone is on no call of this caller. */
  async expectGone(phone: string): Promise<void> {
    await this.#until(
      `${phone} is let go`,
      EVENTUALLY_MS,
      async () => this.phone(phone).lines.length === 0 || 'still there',
    );
  }

  async records(): Promise<readonly CallRecord[]> {
    const all = await this.#parts.service().records();
    const id = all.find((record) => record.type === 'arrived' && record.caller === this.from)?.callId;
    return all.filter(({ callId }) => callId === id);
  }

  /** Waits for a hand-over's record. @param stage with its reason, as `returned busy`. */
  async expectTold(stage: string, withinMs = EVENTUALLY_MS): Promise<void> {
    await this.#until(`the records tell "${stage}"`, withinMs, async () => {
      const told = (await this.records()).flatMap((record) =>
        record.type === 'transferred' ? [[record.stage, record.reason].filter(Boolean).join(' ')] : [],
      );
      return told.includes(stage) || told;
    });
  }

  /** Asks at O's desktop. @returns HTTP status. */
  async ask(path: string, body: object = {}, token = tokenOf(this.o)): Promise<number> {
    const [first] = await this.records();
    const { status } = await this.#parts.service().post(`/calls/${first?.callId}/${path}`, body, token);
    return status;
  }

  async #until(what: string, withinMs: number, look: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + withinMs;
    for (;;) {
      const seen = await look();
      if (seen === true) return;
      if (Date.now() > end) {
        const failed = `${this.from}: not in ${withinMs} ms that ${what}: ${JSON.stringify(seen)}`;
        const told = (await this.records()).map((record) => JSON.stringify(record)).join('\n');
        throw new Error(`${failed}\n${told}\n${await this.#parts.look()}`);
      }
      await delay(50);
    }
  }
}

/** Runs the works, so many at a time as there are slots; each gets a slot to itself. Keeps the order of the results. */
export function inSlots<T>(works: readonly ((slot: Slot) => Promise<T>)[]): readonly Promise<T>[] {
  const free = [...SLOTS];
  const waiting: ((slot: Slot) => void)[] = [];
  const take = (): Promise<Slot> => {
    const slot = free.shift();
    return slot ? Promise.resolve(slot) : new Promise((resolve) => waiting.push(resolve));
  };
  const give = (slot: Slot): void => {
    const next = waiting.shift();
    if (next) next(slot);
    else free.push(slot);
  };
  return works.map(async (work) => {
    const slot = await take();
    try {
      return await work(slot);
    } finally {
      give(slot);
    }
  });
}
