/** A rig on a lab: its exchange places the calls and is the phones, whatever PBX stands between. */
import { join } from 'node:path';
import type { Switch } from '../../src/switch/port.ts';
import { voicesIn } from '../e2e/recorded-voices.ts';
import { type AnyTestLab, leftoversOf, recordingsOf } from '../e2e/test-lab.ts';
import { RIG, type Rig } from './rig.ts';

/** What is heard for less in a recording is no voice. */
const LEAST_HEARD_MS = 500;

export const labRig = ({ lab }: AnyTestLab, newSwitch: () => Switch): Rig => {
  const { exchange } = lab;
  return {
    newSwitch,
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
    inHand: (endpoint) => exchange.phone(endpoint),
    hears: async (who) => {
      const own = /^own (.*)/.exec(who)?.[1];
      const line = exchange.phone(own ?? who).lines.findLast(({ isOwn }) => isOwn === (own !== undefined));
      const channel = who === 'caller' ? exchange.callerChannel() : line?.channel;
      return (channel === undefined ? null : await exchange.hears(channel)) ?? [];
    },
    headers: (endpoint) => exchange.phone(endpoint).headers(),
    voicesIn: async (recording) => {
      const file = join(recordingsOf(lab), `${recording}.wav`);
      const seats = RIG.seats.map(async (seat) => ({ seat, ...(await voicesIn(file, exchange.hertzOf(seat))) }));
      const heard = await Promise.all(seats);
      const agents = heard.filter(({ agentMs }) => agentMs > LEAST_HEARD_MS).map(({ seat }) => seat);
      return heard.some(({ callerMs }) => callerMs > LEAST_HEARD_MS) ? [...agents, 'caller'] : agents;
    },
    leftovers: () => leftoversOf(lab),
    close: () => lab.stop(),
  };
};
