/** A rig on the PBX in memory: what is heard comes from its model, not from sound. */
import type { MemoryCaller, MemoryLeg, MemoryPhone } from '../../src/switch/memory/pbx.ts';
import { MemoryPbx } from '../../src/switch/memory/pbx.ts';
import { MemorySwitch } from '../../src/switch/memory/switch.ts';
import type { PhoneRequest, RequestAnswer } from '../../src/switch/port.ts';
import { type PhoneBehaviour, type PhoneInHand, RIG, type Rig } from './rig.ts';

const asAgent = (behaviour: PhoneBehaviour) => {
  const { do: does, ...rest } = behaviour;
  return { does, ...rest } as Parameters<MemoryPbx['agents']['set']>[1];
};

const SIP_STATUS: Readonly<Record<RequestAnswer, number>> = {
  accepted: 100,
  refused: 603,
  completed: 200,
  failed: 503,
};

type Asked<T> = T extends { answer: unknown } ? Omit<T, 'answer'> : never;

/** Asks as a phone does; resolves with the last it is told. */
const ask = (caller: MemoryCaller, asked: Asked<PhoneRequest>): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const answer = async (said: RequestAnswer) => void (said !== 'accepted' && resolve(SIP_STATUS[said]));
  void caller.legs.get(asked.leg)?.ends.promise.then(({ cause }) => {
    if (cause === 'cancelled') resolve(SIP_STATUS.completed); // let go: its part is done
  });
  if (caller.onAsked) caller.onAsked({ ...asked, answer } as PhoneRequest);
  else resolve(SIP_STATUS.refused);
  return promise;
};

export const memoryRig = async (): Promise<Rig> => {
  const pbx = new MemoryPbx();
  pbx.prompts.set(RIG.prompt, 5_000).set(RIG.shortPrompt, 50);
  pbx.queues.set(RIG.queue, [RIG.member]);
  const own = new Map<string, MemoryPhone>();
  const newest = (): MemoryCaller | undefined => [...pbx.callers.values()].at(-1);
  const rung = (endpoint: string): MemoryLeg => {
    const leg = pbx.legsOf(endpoint).findLast((each) => each !== own.get(endpoint)?.leg);
    if (leg === undefined) throw new Error(`${endpoint} is on no call`);
    return leg;
  };
  const callerOf = (leg: MemoryLeg): MemoryCaller => {
    const caller = [...pbx.callers.values()].find(({ legs }) => [...legs.values()].includes(leg));
    if (caller === undefined) throw new Error(`no caller has leg ${leg.id}`);
    return caller;
  };
  const inHand = (endpoint: string): PhoneInHand => ({
    press: async (keys) => callerOf(rung(endpoint)).press(rung(endpoint).id, keys),
    refer: (to) => ask(callerOf(rung(endpoint)), { kind: 'refer', leg: rung(endpoint).id, to }),
    referToOwnCall: () => {
      const consulted = own.get(endpoint)?.leg?.id ?? '';
      return ask(callerOf(rung(endpoint)), { kind: 'refer-attended', leg: rung(endpoint).id, consulted });
    },
    hangUp: async () => rung(endpoint).hangup(),
    call: async (dialled) => {
      const phone = pbx.placePhoneCall(endpoint, dialled);
      own.set(endpoint, phone);
      const ended = Promise.withResolvers<void>();
      phone.gone.signal.addEventListener('abort', () => ended.resolve(), { once: true });
      void phone.taken.promise.then(() => phone.leg?.ends.promise).then(() => phone.leg && ended.resolve());
      return { answered: phone.taken.promise, ended: ended.promise, hangUp: async () => phone.hangup() };
    },
  });
  return {
    newSwitch: () => new MemorySwitch('memory', pbx),
    placeCall: (dialled, from) => {
      const caller = pbx.placeCall({ dialled, caller: from, trunk: 'exchange' });
      return {
        hangup: () => caller.hangup(),
        ended: caller.ended.promise.then((end) => (end === 'fallback' ? 16 : end)),
        shown: async () => ({ name: '', number: null, hotline: '', ...caller.shown }),
      };
    },
    phone: (endpoint, behaviour) => pbx.agents.set(endpoint, asAgent(behaviour)),
    inHand,
    hears: async (who) => {
      const caller = newest();
      if (caller === undefined) return [];
      const ownOf = /^own (.*)/.exec(who)?.[1];
      const leg = who === 'caller' ? undefined : ownOf === undefined ? rung(who) : own.get(ownOf)?.leg;
      const heard = caller.hears(who === 'caller' ? who : (leg?.id ?? ''));
      const names = heard.map((each) => caller.legs.get(each)?.endpoint ?? each);
      return names.filter((each) => each !== 'prompt').toSorted();
    },
    headers: async (endpoint) => {
      const { from, agent, workOrder, note } = rung(endpoint).shown?.handedOn ?? {};
      const brought = Object.entries({ from, agent, workOrder, note }).filter(([, text]) => text);
      return Object.fromEntries(brought);
    },
    voicesIn: async (recording) => (pbx.recordings.files.get(recording)?.voices ?? []).toSorted(),
    leftovers: async () => [...pbx.callers.keys()],
    close: async () => undefined,
  };
};
