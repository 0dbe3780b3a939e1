/** Configuration every private Asterisk of the lab shares; what differs is handed in by `pbx.ts` and `exchange.ts`. */

import type { DestinationId, Queue, Table } from '../../routing/table.ts';
import type { AsteriskFolders } from './place.ts';
import { LOOPBACK } from './process.ts';

/** What `hotline feed verify` reads: which channel, which call it belongs to, when, where to, from whom, how it ended. */
const CDR_FIELDS = ['uniqueid', 'linkedid', 'start', 'dcontext', 'dst', 'src', 'disposition', 'channel']
  .map((field) => `\${CSV_QUOTE(\${CDR(${field}${field === 'start' ? ',u' : ''})})}`)
  .join(',');

/** Only what the lab and the product use: the whole set takes three times as long to load, and some listen. */
const MODULES = [
  'res_timing_timerfd',
  'res_crypto',
  'res_sorcery_config',
  'res_sorcery_memory',
  'res_sorcery_astdb',
  'res_http_websocket',
  'res_websocket_client',
  'res_musiconhold',
  'res_rtp_asterisk',
  'res_format_attr_g729',
  'codec_alaw',
  'codec_ulaw',
  'codec_a_mu',
  'codec_resample',
  'codec_g722',
  'format_pcm',
  'format_wav',
  'format_sln',
  'format_gsm',
  'bridge_simple',
  'bridge_softmix',
  'bridge_holding',
  'bridge_native_rtp',
  'bridge_builtin_features',
  'pbx_config',
  'app_stack',
  'app_dial',
  'app_playback',
  'app_queue',
  'app_verbose',
  'app_stasis',
  'app_stasis_broadcast',
  'app_echo',
  'app_playtones',
  'app_read',
  'app_record',
  'app_userevent',
  'app_originate',
  'app_transfer',
  'app_milliwatt',
  'func_callerid',
  'func_channel',
  'func_cut',
  'func_db',
  'func_global',
  'func_groupcount',
  'func_hangupcause',
  'func_logic',
  'func_strings',
  'func_timeout',
  'func_uri',
  'func_devstate',
  'func_math',
  'func_jitterbuffer',
  'func_sorcery',
  'func_pjsip_endpoint',
  'func_pjsip_aor',
  'func_pjsip_contact',
  'func_periodic_hook',
  'res_stasis',
  'res_stasis_answer',
  'res_stasis_playback',
  'res_stasis_recording',
  'res_stasis_snoop',
  'res_stasis_device_state',
  'res_stasis_broadcast',
  'res_ari',
  'res_ari_model',
  'res_ari_applications',
  'res_ari_asterisk',
  'res_ari_bridges',
  'res_ari_channels',
  'res_ari_device_states',
  'res_ari_endpoints',
  'res_ari_events',
  'res_ari_playbacks',
  'res_ari_recordings',
  'res_ari_sounds',
  'res_pjproject',
  'res_pjsip',
  'res_pjsip_session',
  'chan_pjsip',
  'chan_bridge_media',
  'res_pjsip_sdp_rtp',
  'res_pjsip_caller_id',
  'res_pjsip_endpoint_identifier_ip',
  'res_pjsip_endpoint_identifier_user',
  'res_pjsip_header_funcs',
  'res_pjsip_rfc3326',
  'res_pjsip_refer',
  'res_pjsip_pubsub',
  'res_pjsip_diversion',
  'res_pjsip_dtmf_info',
  'res_pjsip_logger',
  'res_pjsip_maintenance',
  'res_pjsip_dlg_options',
  'res_pjsip_acl',
  'res_pjsip_nat',
  'res_pjsip_path',
  'res_pjsip_registrar',
  'res_stir_shaken',
  'res_geolocation',
  'res_pjsip_mwi_body_generator',
  'func_cdr',
  'res_cdrel_custom',
  'cdr_csv',
  'cdr_custom',
  'res_curl',
  'func_curl',
] as const;

/** An ARI user of a private Asterisk. */
export interface AriUser {
  readonly user: string;
  readonly password: string;
}

export interface InstancePlan {
  /** Folder of the instance as its own Asterisk sees it. */
  readonly folder: string;
  readonly name: string;
  readonly httpPort: number;
  readonly sipPort: number;
  readonly ari: AriUser;
}

/** RTP ports lie below the kernel's own range, where the other free ports come from. */
const RTP_FROM = 10_000;
const RTP_TO = 31_999;

const section = (name: string, options: Readonly<Record<string, string | number>>): string =>
  [`[${name}]`, ...Object.entries(options).map(([key, value]) => `${key} = ${value}`), ''].join('\n');

const asteriskConf = (plan: InstancePlan, folders: AsteriskFolders): string => {
  const own = (name: string): string => `${plan.folder}/${name}`;
  return [
    section('directories', {
      astetcdir: own('etc'),
      astmoddir: folders.modules,
      astvarlibdir: folders.data,
      astdatadir: folders.data,
      astdbdir: own('db'),
      astkeydir: own('keys'),
      astspooldir: own('spool'),
      astrundir: own('run'),
      astlogdir: own('log'),
      astagidir: own('agi'),
      astsbindir: '/usr/sbin',
    }),
    section('options', { verbose: 2, systemname: plan.name, documentation_language: 'en_US', transmit_silence: 'yes' }),
  ].join('\n');
};

/** Folders an instance needs under its own. */
export const INSTANCE_FOLDERS = [
  'etc',
  'run',
  'log/cdr-csv',
  'log/cdr-custom',
  'spool/recording',
  'db',
  'keys',
  'agi',
] as const;

/** File name under `etc/` → text. */
export const commonFiles = (plan: InstancePlan, folders: AsteriskFolders): Record<string, string> => ({
  'asterisk.conf': asteriskConf(plan, folders),
  'modules.conf': `[modules]\nautoload = no\n${MODULES.map((name) => `load = ${name}.so\n`).join('')}`,
  'logger.conf':
    section('general', { dateformat: '%F %T.%3q' }) + section('logfiles', { messages: 'notice,warning,error' }),
  'cdr.conf':
    section('general', { enable: 'yes', unanswered: 'yes' }) + section('csv', { usegmtime: 'yes', loguniqueid: 'yes' }),
  // As docs/feed.md tells an engineer to write it.
  'cdr_custom.conf': section('mappings', { 'hotline.csv': CDR_FIELDS }).replace(' = ', ' => '),
  'http.conf': section('general', {
    enabled: 'yes',
    bindaddr: LOOPBACK,
    bindport: plan.httpPort,
    sessionlimit: 10_000,
    session_keep_alive: 60_000,
  }),
  'ari.conf':
    section('general', { enabled: 'yes', websocket_write_timeout: 5000 }) +
    section(plan.ari.user, { type: 'user', password: plan.ari.password }),
  'rtp.conf': section('general', { rtpstart: RTP_FROM, rtpend: RTP_TO }),
  'indications.conf':
    section('general', { country: 'cn' }) +
    section('cn', {
      description: 'China',
      ringcadence: '1000,4000',
      dial: 450,
      busy: '450/350,0/350',
      ring: '450/1000,0/4000',
      congestion: '450/700,0/700',
    }),
});

/** PJSIP sections of the same shape on both instances. */
export const pjsipCommon = (plan: InstancePlan): string =>
  section('global', { type: 'global', endpoint_identifier_order: 'header,ip,username', keep_alive_interval: 0 }) +
  section('loopback', { type: 'transport', protocol: 'udp', bind: `${LOOPBACK}:${plan.sipPort}` });

/** An endpoint at the other instance: signalling and sound stay on loopback. */
export const pjsipEndpoint = (
  name: string,
  context: string,
  contact: string,
  more: Readonly<Record<string, string>> = {},
): string =>
  section(name, {
    ...more,
    type: 'endpoint',
    transport: 'loopback',
    context,
    aors: name,
    disallow: 'all',
    allow: 'alaw,ulaw',
    direct_media: 'no',
    media_address: LOOPBACK,
    bind_rtp_to_media_address: 'yes',
    rtp_symmetric: 'no',
    send_pai: 'yes',
    trust_id_outbound: 'yes',
    send_connected_line: 'yes',
    from_domain: LOOPBACK,
  }) + section(name, { type: 'aor', contact, qualify_frequency: 0 });

export { section };

const everyMember = (queue: Queue): string[] => [...queue.members, ...[...queue.skillMembers.values()].flat()];

/** Everything the table dials, once each: `agent-1` of a PBX endpoint, or `number@trunk`. */
export const endpointsOf = (table: Table): string[] => {
  const named = [
    ...[...table.queues.values()].flatMap(everyMember),
    ...[...table.seats.values()].flatMap((seats) => seats.endpoints),
  ];
  return [...new Set(named)].sort();
};

/** The user part that the far end is called by: `number` of `number@trunk`. */
export const phoneOf = (endpoint: string): string => endpoint.split('@')[0] ?? endpoint;

/** Destinations an endpoint answers for; seats before queues, for a seat may be lent to a queue. */
export const destinationsOf = (table: Table, phone: string): DestinationId[] => {
  const has = (endpoints: readonly string[]): boolean => endpoints.some((endpoint) => phoneOf(endpoint) === phone);
  return [
    ...[...table.seats.values()].filter((seats) => has(seats.endpoints)).map((seats) => seats.id),
    ...[...table.queues.values()].filter((queue) => has(everyMember(queue))).map((queue) => queue.id),
  ];
};
