/** Configuration of the lab's exchange: the public network on one side, the agents' phones on the other. */
import { type InstancePlan, pjsipCommon, pjsipEndpoint, section } from './asterisk-files.ts';
import { LOOPBACK } from './ports.ts';

/** Name of the lab's ARI application on the exchange. */
export const LAB_APP = 'lab';
export const PBX_ENDPOINT = 'pbx';

/** Every INVITE from the PBX is a phone that rings: its number, and the headers the phone would show. */
const EXTENSIONS = `[phones]
; Two characters at least, or \`h\` would match too, and every phone ring once more after each hang-up.
exten => _[+0-9a-zA-Z].,1,Set(HOTLINE=\${PJSIP_HEADER(read,X-Hotline)})
 same => n,Set(REGION=\${PJSIP_HEADER(read,X-Hotline-Region)})
 same => n,Stasis(${LAB_APP},agent,\${EXTEN},\${HOTLINE},\${REGION})
 same => n,Hangup()
`;

export const exchangeFiles = (plan: InstancePlan, pbxPort: number): Record<string, string> => ({
  'pjsip.conf':
    pjsipCommon(plan) +
    pjsipEndpoint(PBX_ENDPOINT, 'phones', `sip:${LOOPBACK}:${pbxPort}`) +
    section(`${PBX_ENDPOINT}-identify`, { type: 'identify', endpoint: PBX_ENDPOINT, match: `${LOOPBACK}:${pbxPort}` }),
  'extensions.conf': EXTENSIONS,
  'queues.conf': section('general', {}),
  'musiconhold.conf': section('general', {}),
});
