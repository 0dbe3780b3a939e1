import { createLogger } from '../../src/log.ts';
import { connectAri } from '../../src/switch/asterisk/ari-client.ts';
import { AsteriskSwitch } from '../../src/switch/asterisk/switch.ts';
import { leftoversOf, openTestLab } from '../e2e/test-lab.ts';
import type { Rig } from './rig.ts';
import { switchContract } from './switch-contract.ts';

switchContract('the real Asterisk', async (): Promise<Rig> => {
  const { lab, switchSettings } = await openTestLab();
  const { exchange } = lab;
  return {
    newSwitch: () => new AsteriskSwitch(switchSettings, connectAri, createLogger('silent')),
    placeCall: (dialled, from) => {
      const hangup = new AbortController();
      const placed = exchange.placeCall({ dialled, from, record: false, signal: hangup.signal });
      return {
        hangup: () => hangup.abort(),
        ended: placed.then(({ cause }) => cause),
        shown: async () => {
          hangup.abort();
          const [agent] = (await placed).agents;
          return { name: agent?.name ?? '', number: agent?.number ?? '', hotline: agent?.hotline ?? '' };
        },
      };
    },
    phone: (endpoint, behaviour) => exchange.setAgent(endpoint, behaviour),
    leftovers: () => leftoversOf(lab),
    close: () => lab.stop(),
  };
});
