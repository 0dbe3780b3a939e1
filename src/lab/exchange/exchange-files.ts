/** Configuration of the lab's exchange: the public network on one side, the agents' phones on the other. */
import { type InstancePlan, pjsipCommon, pjsipEndpoint, section } from '../pbx/asterisk-files.ts';
import { LOOPBACK } from '../pbx/process.ts';
import { voiceClasses } from '../sound/voices.ts';

/** Name of the lab's ARI application on the exchange. */
export const LAB_APP = 'lab';
export const PBX_ENDPOINT = 'pbx';

/** Context where a phone asks by SIP REFER, and what it leaves its channel with: how the transfer ended, as SIP said it. */
export const REFER_CONTEXT = 'refer';
export const REFER_TO = 'REFER_TO';
export const REFER_VOICE = 'REFER_VOICE';

/** Every INVITE from the PBX is a phone that rings: its number, and the headers the phone would show. */
const EXTENSIONS = `[phones]
; Two characters at least, or \`h\` would match too, and every phone ring once more after each hang-up.
exten => _[+0-9a-zA-Z].,1,Set(HOTLINE=\${PJSIP_HEADER(read,X-Hotline)})
 same => n,Set(REGION=\${PJSIP_HEADER(read,X-Hotline-Region)})
 same => n,Set(FROM=\${PJSIP_HEADER(read,X-Hotline-From)})
 same => n,Set(FROM_AGENT=\${PJSIP_HEADER(read,X-Hotline-From-Agent)})
 same => n,Set(WORK_ORDER=\${PJSIP_HEADER(read,X-Hotline-Work-Order)})
 same => n,Set(NOTE=\${PJSIP_HEADER(read,X-Hotline-Note)})
 same => n,Stasis(${LAB_APP},agent,\${EXTEN},\${HOTLINE},\${REGION})
 same => n,Hangup()

; The phone goes on speaking while it waits for what becomes of the REFER.
[${REFER_CONTEXT}]
exten => s,1,StartMusicOnHold(\${${REFER_VOICE}})
 same => n,Transfer(\${${REFER_TO}})
 same => n,Stasis(${LAB_APP},referred,\${TRANSFERSTATUS},\${TRANSFERSTATUSPROTOCOL})
 same => n,Hangup()
; The far end may hang up before it is back in the application.
exten => h,1,UserEvent(referred,status:\${TRANSFERSTATUSPROTOCOL})
`;

/** @param voices folder of the tones, as the exchange sees it. @param hertz the tones that are spoken. */
export const exchangeFiles = (
  plan: InstancePlan,
  pbxPort: number,
  voices: string,
  hertz: readonly number[],
): Record<string, string> => ({
  'pjsip.conf':
    pjsipCommon(plan) +
    pjsipEndpoint(PBX_ENDPOINT, 'phones', `sip:${LOOPBACK}:${pbxPort}`, {
      moh_passthrough: 'yes', // a phone that holds says so in a re-INVITE
    }) +
    section(`${PBX_ENDPOINT}-identify`, { type: 'identify', endpoint: PBX_ENDPOINT, match: `${LOOPBACK}:${pbxPort}` }),
  'extensions.conf': EXTENSIONS,
  'queues.conf': section('general', {}),
  'musiconhold.conf': voiceClasses(voices, hertz),
});
