/** Configuration of the lab's exchange: the public network on one side, the agents' phones on the other. */
import { type InstancePlan, pjsipConf, pjsipEndpoint } from '../pbx/asterisk-files.ts';
import { LOOPBACK } from '../pbx/process.ts';
import { fillTemplate } from '../pbx/templates.ts';
import { voiceClasses } from '../sound/voices.ts';

/** Name of the lab's ARI application on the exchange. */
export const LAB_APP = 'lab';
export const PBX_ENDPOINT = 'pbx';

/** Context where a phone asks by SIP REFER, and what it leaves its channel with: how the transfer ended, as SIP said it. */
export const REFER_CONTEXT = 'refer';
export const REFER_TO = 'REFER_TO';
export const REFER_VOICE = 'REFER_VOICE';

/** @param voices folder of the tones, as the exchange sees it. @param hertz the tones that are spoken. */
export const exchangeFiles = async (
  plan: InstancePlan,
  pbxPort: number,
  voices: string,
  hertz: readonly number[],
): Promise<Record<string, string>> => {
  const contact = `${LOOPBACK}:${pbxPort}`;
  const pbx = pjsipEndpoint(PBX_ENDPOINT, {
    context: 'phones',
    contact,
    identifiedBy: `match = ${contact}`,
    holdPassed: true,
  });
  return {
    'pjsip.conf': await pjsipConf(plan, [pbx]),
    'extensions.conf': await fillTemplate('exchange/extensions.conf'),
    'queues.conf': '[general]\n',
    'musiconhold.conf': voiceClasses(voices, hertz),
  };
};
