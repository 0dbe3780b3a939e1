/** A request that reaches a controller which does not hold the call, behind a load balancer say. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { type FleetBus, FleetCalls } from '../../../src/fleet/calls-elsewhere.ts';
import type { CallAnswer, CallAsking, CallRequest } from '../../../src/requests/request.ts';

const HOLD = { do: 'hold' } as const;
const DONE: CallAnswer = { stage: 'talk', to: null };
const AGENT: CallAsking = { caller: { name: 'a', role: 'agent', endpoint: 'phone' }, via: 'api', key: 'k1' };

/** Tells everybody who hears, as Redis does. */
class Bus implements FleetBus {
  readonly #ears = new Map<string, ((text: string) => void)[]>();
  /** Whether what is said on a channel gets there. */
  carries: (channel: string, text: string) => boolean = () => true;

  async hear(channel: string, told: (text: string) => void): Promise<void> {
    this.#ears.set(channel, [...(this.#ears.get(channel) ?? []), told]);
  }

  async say(channel: string, text: string): Promise<void> {
    if (this.carries(channel, text)) for (const told of this.#ears.get(channel) ?? []) told(text);
  }

  async stop(): Promise<void> {
    this.#ears.clear();
  }
}

let bus: Bus;
/** What reached each controller. */
let asked: (readonly [name: string, call: string, wish: CallRequest, asking: CallAsking])[];

const controller = async (name: string, call: string, answer = async (): Promise<CallAnswer> => DONE) => {
  const held = {
    has: (id: string) => id === call,
    ask: async (id: string, wish: CallRequest, asking: CallAsking) => {
      if (id !== call) return undefined;
      asked.push([name, id, wish, asking]);
      return answer();
    },
  };
  const calls = new FleetCalls(held, bus, createLogger('silent'));
  await calls.start();
  return calls;
};

beforeEach(() => {
  vi.useFakeTimers();
  bus = new Bus();
  asked = [];
});

afterEach(() => {
  vi.useRealTimers();
});

test('reaches the one that holds it, with who asks and under which key, and brings its answer back', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2');
  expect(await a.ask('call-2', HOLD, AGENT)).toEqual(DONE);
  expect(asked).toEqual([['B', 'call-2', HOLD, AGENT]]);
});

test('brings a refusal back', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2', async () => ({ refused: 'NOT_YOUR_CALL', to: null }));
  expect(await a.ask('call-2', HOLD, AGENT)).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
});

test('is asked of nobody else where the call is held here', async () => {
  const a = await controller('A', 'call-1');
  bus.carries = () => {
    throw new Error('nobody is to hear of it');
  };
  expect(await a.ask('call-1', HOLD, AGENT)).toEqual(DONE);
});

test('finds no call where nobody has it, or where Redis is away', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2');
  const nobody = a.ask('call-3', HOLD, AGENT);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await nobody).toBeUndefined();
  bus.carries = () => false;
  const away = a.ask('call-2', HOLD, AGENT);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await away).toBeUndefined();
});

test('says so when the one that holds the call falls silent: whether it was done nobody knows', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2', () => new Promise(() => undefined));
  const silent = expect(a.ask('call-2', HOLD, AGENT)).rejects.toThrow('call-2 does not answer');
  await vi.advanceTimersByTimeAsync(10_000);
  await silent;
});

test('that the holder does not understand, from a newer controller, is refused', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2');
  const newer = { do: 'hold', until: 'noon' } as const;
  expect(await a.ask('call-2', newer, AGENT)).toEqual({ refused: 'NOT_NOW', to: null });
  expect(asked).toEqual([]);
});

test('that a newer controller answers in words of its own is answered all the same', async () => {
  const a = await controller('A', 'call-1');
  await controller('B', 'call-2', async () => JSON.parse('{ "refused": "TOO_TIRED", "to": null, "until": "noon" }'));
  expect(await a.ask('call-2', HOLD, AGENT)).toEqual({ refused: 'NOT_NOW', to: null });
});

test('is not carried out when it is none: whatever else is in Redis', async () => {
  await controller('B', 'call-2');
  const good = { id: '1', from: 'x', call: 'call-2', wish: HOLD, asking: AGENT };
  const bad = [
    { ...good, wish: { do: 'explode' } },
    { ...good, wish: { ...HOLD, to: '110' } },
    { ...good, asking: { ...AGENT, caller: { name: 'v', role: 'viewer' } } },
    { ...good, asking: undefined },
  ];
  for (const each of ['', '{', 'null', '[]', ...bad.map((one) => JSON.stringify(one))])
    await bus.say('hotline:calls:asked', each);
  expect(asked).toEqual([]);
  await bus.say('hotline:calls:asked', JSON.stringify(good));
  expect(asked).toHaveLength(1);
});
