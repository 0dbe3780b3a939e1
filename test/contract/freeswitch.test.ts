import { describe, it } from 'vitest';
import { createLogger } from '../../src/base/log.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../src/switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from '../../src/switch/freeswitch/switch.ts';
import { openFreeSwitchTestLab } from '../e2e/test-lab.ts';
import { FreeSwitchRecorder } from '../far-end/freeswitch-recorder.ts';
import { labRig } from './lab-rig.ts';
import { caseNow, RECORDINGS, type Rig } from './rig.ts';
import { switchContract } from './switch-contract.ts';

const home = process.env.FREESWITCH_HOME;

/** `HOTLINE_RECORD=1`: what is said is written down, for the recorded FreeSWITCH. */
const isRecording = process.env.HOTLINE_RECORD === '1';

const openRig = (freeSwitchHome: string) => async (): Promise<Rig> => {
  const testLab = await openFreeSwitchTestLab(freeSwitchHome);
  const { lab, switchSettings } = testLab;
  const log = createLogger('silent');
  const { listen, eventSocket, promptsDir, recordingsDir = '' } = switchSettings;
  const recorder = new FreeSwitchRecorder(RECORDINGS, listenForChannels(log), `${listen.host}:${listen.port}`, [
    [`${lab.pbx.controllers[1]?.host}:${lab.pbx.controllers[1]?.port}`, '{other}'],
    [eventSocket.password, 'password'],
    [promptsDir, '/prompts'],
    [recordingsDir, '/recordings'],
  ]);
  const edges = isRecording ? recorder.edges : { connect: connectEsl, listen: listenForChannels(log) };
  const rig = labRig(testLab, () => new FreeSwitchSwitch(switchSettings, edges, log));
  return isRecording ? recorder.around(rig, caseNow) : rig;
};

if (home === undefined) {
  describe('the real FreeSWITCH', () => {
    it.skip('FREESWITCH_HOME does not say where one is installed, and Debian has no package of it', () => undefined);
  });
} else switchContract('the real FreeSWITCH', openRig(home));
