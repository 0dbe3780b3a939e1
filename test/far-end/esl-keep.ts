/** What is kept of FreeSWITCH's messages: the headers that the adapter reads, and a few that tell a reader what goes on. */
import type { Message } from './esl-messages.ts';

const KEPT = new Set([
  'Content-Type',
  'Reply-Text',
  'Socket-Mode',
  'Control',
  'Event-Name',
  'Event-Subclass',
  'Unique-ID',
  'Other-Leg-Unique-ID',
  'Bridge-A-Unique-ID',
  'Bridge-B-Unique-ID',
  'Answer-State',
  'Channel-State',
  'Call-Direction',
  'Hangup-Cause',
  'Caller-Destination-Number',
  'Caller-Caller-ID-Name',
  'Caller-Caller-ID-Number',
  'Caller-Context',
  'Application',
  'Application-Data',
  'Application-Response',
  'Application-UUID',
  'Job-UUID',
  'Record-File-Path',
  'Record-Completion-Cause',
  'Media-Bug-Function',
  'Media-Bug-Target',
  'Job-Command',
  'CC-Queue',
  'CC-Action',
  'CC-Agent',
  'CC-Agent-UUID',
  'variable_current_application',
  'variable_current_application_data',
  'variable_signal_bond',
  'variable_blind_transfer_uuid',
  'variable_sip_refer_to',
  'variable_sip_from_host',
  'variable_sip_local_network_addr',
  'variable_eavesdrop_whisper_bleg',
  'variable_cc_agent_uuid',
  'variable_sip_hangup_disposition',
  'Conference-Name',
  'Action',
  'DTMF-Digit',
  'variable_other_loopback_leg_uuid',
  'variable_cc_agent',
  'variable_cc_agent_bridged',
  '_body',
  // of `show channels`
  'uuid',
  'direction',
  'state',
  'context',
]);

const isKept = (name: string): boolean => KEPT.has(name) || name.startsWith('variable_hotline_');

const kept = (values: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(values).filter(([name]) => isKept(name)));

const strip = (value: Readonly<Record<string, unknown>>): object =>
  'row_count' in value
    ? { ...value, rows: (value.rows as Record<string, unknown>[] | undefined)?.map(kept) }
    : kept(value);

export function keep({ head, body }: Message): { text: string; json?: object; body?: string } {
  const text = head.split('\n').filter((line) => isKept(line.split(': ', 1)[0] ?? ''));
  if (body === '') return { text: text.join('\n') };
  if (!body.startsWith('{')) return { text: text.join('\n'), body };
  return { text: text.join('\n'), json: strip(JSON.parse(body)) };
}
