import { MemoryPbx } from '../../src/switch/memory/pbx.ts';
import { MemorySwitch } from '../../src/switch/memory/switch.ts';
import { type PhoneBehaviour, RIG, type Rig } from './rig.ts';
import { switchContract } from './switch-contract.ts';

const asAgent = (behaviour: PhoneBehaviour) => {
  const { do: does, ...rest } = behaviour;
  return { does, ...rest } as Parameters<MemoryPbx['agents']['set']>[1];
};

switchContract('the in-memory switch', async (): Promise<Rig> => {
  const pbx = new MemoryPbx();
  pbx.prompts.set(RIG.prompt, 5_000).set(RIG.shortPrompt, 50);
  pbx.queues.set(RIG.queue, [RIG.member]);
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
    voicesIn: async (recording) => {
      const voices = pbx.recordings.files.get(recording)?.voices ?? [];
      return voices.map((voice) => (voice === 'caller' ? 'caller' : 'agent')).toSorted();
    },
    leftovers: async () => [...pbx.callers.keys()],
    close: async () => undefined,
  };
});
