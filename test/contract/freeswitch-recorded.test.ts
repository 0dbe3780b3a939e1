import { vi } from 'vitest';
import { createLogger } from '../../src/base/log.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../src/switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from '../../src/switch/freeswitch/switch.ts';
import { type Cut, RecordedFreeSwitch } from '../far-end/recorded-freeswitch.ts';
import { caseNow, RECORDINGS, type Rig } from './rig.ts';
import { switchContract } from './switch-contract.ts';

vi.setConfig({ testTimeout: 15_000 }); // of real time it takes a fraction

const openRig = (cut?: Cut) => async (): Promise<Rig> => {
  const pbx = await RecordedFreeSwitch.open(RECORDINGS, cut);
  const log = createLogger('silent');
  return {
    newSwitch: () => {
      pbx.does('makes a switch');
      return new FreeSwitchSwitch(pbx.settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
    },
    placeCall: (dialled, from) => {
      pbx.begin(caseNow());
      pbx.does('places a call', { dialled, from });
      const sees = <T>(what: string) => pbx.sees(what) as Promise<T>;
      return {
        hangup: () => pbx.does('hangs up'),
        ended: sees('the caller’s end'),
        shown: () => {
          pbx.does('hangs up');
          return sees('what the phone showed');
        },
      };
    },
    phone: (endpoint, behaviour) => {
      pbx.begin(caseNow());
      pbx.does('sets a phone', { endpoint, ...behaviour });
    },
    inHand: (endpoint) => {
      const asked = <T>(what: string, details: object): Promise<T> => {
        const ask = pbx.ask();
        pbx.does(what, { endpoint, ...details, ask });
        return pbx.sees(`what became of it, ${ask}`) as Promise<T>;
      };
      return {
        press: (keys) => asked('presses keys', { keys }),
        refer: (to) => asked('asks for a transfer', { to }),
        referToOwnCall: () => asked('asks to have its calls joined', {}),
        hangUp: () => asked('hangs up at the phone', {}),
        call: async (dialled) => {
          const ask = pbx.ask();
          pbx.does('calls by itself', { endpoint, dialled, ask });
          return {
            answered: pbx.sees(`whether it was answered, ${ask}`) as Promise<boolean>,
            ended: pbx.sees(`its end, ${ask}`),
            hangUp: () => asked('ends its own call', {}),
          };
        },
      };
    },
    hears: (who) => {
      const ask = pbx.ask();
      pbx.does('listens', { who, ask });
      return pbx.sees(`what is heard, ${ask}`) as Promise<string[]>;
    },
    headers: (endpoint) => {
      const ask = pbx.ask();
      pbx.does('reads headers', { endpoint, ask });
      return pbx.sees(`what the headers say, ${ask}`) as Promise<Record<string, string>>;
    },
    voicesIn: () => {
      const ask = pbx.ask();
      pbx.does('listens to a recording', { ask });
      return pbx.sees(`the voices in a recording, ${ask}`) as Promise<string[]>;
    },
    leftovers: async () => pbx.left(),
    close: async () => pbx.close(),
  };
};

function* inPieces(bytes: Buffer): Iterable<Buffer> {
  for (let from = 0; from < bytes.length; from += 37) yield bytes.subarray(from, from + 37);
}

/** These run on the real one alone. */
const UNTRIED = new Map([
  [
    'lets the caller hear that several phones ring',
    'passes on the real one; the recording is not told again in its place',
  ],
]);

switchContract('the recorded FreeSWITCH', openRig(), UNTRIED);
switchContract('the recorded FreeSWITCH, whose messages come in pieces', openRig(inPieces), UNTRIED);
