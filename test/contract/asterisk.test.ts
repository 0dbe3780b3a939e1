import { createLogger } from '../../src/base/log.ts';
import { connectAri } from '../../src/switch/asterisk/ari/library.ts';
import { AsteriskSwitch } from '../../src/switch/asterisk/switch.ts';
import { openTestLab } from '../e2e/test-lab.ts';
import { labRig } from './lab-rig.ts';
import { switchContract } from './switch-contract.ts';

switchContract('the real Asterisk', async () => {
  const testLab = await openTestLab();
  return labRig(testLab, () => new AsteriskSwitch(testLab.switchSettings, connectAri, createLogger('silent')));
});
