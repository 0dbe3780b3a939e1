/** Records of a call as lines for a terminal. */
import { endingOf } from './call-view.ts';
import type { CallRecord } from './record.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const REGION_FROM: Readonly<Record<string, string>> = {
  trunk: 'the trunk it came in on',
  'dialled-area-code': 'the area code dialled',
  'caller-area-code': "the caller's area code",
  'caller-mobile-prefix': "the caller's mobile prefix",
  default: 'nothing else: it is the default',
};

/** e.g. `12333-xiamen rings: 12333-xiamen-1` */
export function formatRecord(record: CallRecord): string {
  switch (record.type) {
    case 'arrived':
      return `call to ${record.dialled} from ${record.caller ?? 'a withheld number'} over trunk ${record.trunk ?? '?'}`;
    case 'routed':
      if (record.number === null) return 'the number is not in the table: refused';
      return `${record.number} (${record.unit}), region ${record.region}, told by ${REGION_FROM[record.regionFrom ?? '']}; rule ${record.rule}`;
    case 'prompted':
      return `prompt "${record.prompt}" ${record.result === 'done' ? 'was heard' : `ended: ${record.result}`}`;
    case 'ringing':
      return `${record.to} rings: ${record.endpoints.join(', ')}`;
    case 'queued':
      return `waits in ${record.to}${record.skill === null ? '' : ` for skill ${record.skill}`}`;
    case 'answered':
      return `${record.agent ?? 'an agent'} of ${record.to} talks; there after ${seconds(record.agentMs)}, caller waited ${seconds(record.waitedMs)}`;
    case 'transferred':
      return `${record.kind} transfer ${record.stage}: from ${record.from} to ${record.to}, by ${record.by} (${record.via})`;
    case 'recorded':
      if (record.state === 'failed') return `recording ${record.file} failed: ${record.reason}`;
      return `recording ${record.file} ${record.state}`;
    case 'missed':
      return `nobody was reached (${record.reason}); tried ${record.tried.join(', ') || 'nothing yet'}`;
    case 'ended':
      return formatEnding(record);
  }
}

function formatEnding(record: Extract<CallRecord, { type: 'ended' }>): string {
  const { by, talkedMs } = record;
  switch (endingOf(record)) {
    case 'given-back':
      return 'given to the fallback of the PBX, which serves the caller on';
    case 'unseen':
      return 'ended while no controller ran; nobody saw how';
    case 'lost':
      return 'lost: the PBX died under the call';
    case 'seen':
      return `ended by ${by}${talkedMs === null ? '' : ` after ${seconds(talkedMs)} of talk`}`;
  }
}

/** e.g. `  0.0 s  arrived   call to 12301 from 05912345678 over trunk exchange` */
export const formatRecordLine = (record: CallRecord): string =>
  `${seconds(record.ms).padStart(7)}  ${record.type.padEnd(9)} ${formatRecord(record)}`;
