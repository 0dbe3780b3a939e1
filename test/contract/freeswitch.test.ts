import { describe, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl-client.ts';
import { listenForChannels } from '../../src/switch/freeswitch/hand-over-server.ts';
import { FreeSwitchSwitch } from '../../src/switch/freeswitch/switch.ts';
import { leftoversOf, openFreeSwitchTestLab } from '../e2e/test-lab.ts';
import type { Rig } from './rig.ts';
import { switchContract } from './switch-contract.ts';

const home = process.env.FREESWITCH_HOME;

const openRig = (freeSwitchHome: string) => async (): Promise<Rig> => {
  const { lab, switchSettings } = await openFreeSwitchTestLab(freeSwitchHome);
  const { exchange } = lab;
  const log = createLogger('silent');
  return {
    newSwitch: () => new FreeSwitchSwitch(switchSettings, { connect: connectEsl, listen: listenForChannels(log) }, log),
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
};

if (home === undefined) {
  describe('the real FreeSWITCH', () => {
    it.skip('FREESWITCH_HOME does not say where one is installed, and Debian has no package of it', () => undefined);
  });
} else switchContract('the real FreeSWITCH', openRig(home));
