/** Configuration of the lab's FreeSWITCH: the product's dialplan and queues, a phone per endpoint, a trunk per table trunk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeSwitchFiles as filesOfTable } from '../../dialplan/freeswitch/files.ts';
import type { QueueEngineName } from '../../dialplan/freeswitch/queues.ts';
import { element, params } from '../../dialplan/freeswitch/text.ts';
import type { Table } from '../../routing/table.ts';
import { endpointsOf, phoneOf } from './asterisk-files.ts';
import { DEFAULT_TRUNK, PHONE_HEADER, TRUNK_HEADER } from './pbx.ts';
import { LOOPBACK } from './process.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface FreeSwitchPlan {
  /** Host path of the instance's folder. */
  readonly folder: string;
  readonly sipPort: number;
  readonly exchangePort: number;
  readonly eventSocketPort: number;
  readonly password: string;
  /** Where controllers may listen, in the order they are tried. */
  readonly controllers: readonly Address[];
  /** Folder of the prompts. */
  readonly prompts: string;
  /** Of its own: the ports there are no other FreeSWITCH's. */
  readonly rtpHost: string;
  /** The module that queues callers. */
  readonly queues: QueueEngineName;
  /** Whether the installation has `mod_cdr_csv`, which writes call detail records. */
  readonly hasCdr: boolean;
  readonly refers: Refers;
}

/**
 * What becomes of a phone's REFER: `guarded` comes to the controller, and none makes FreeSWITCH dial by itself; `refused`:
 * all of them; `unguarded`: as `guarded`, without the guard, to see that there is something to guard against.
 */
export type Refers = 'guarded' | 'refused' | 'unguarded';

/** Only what the lab and the product use. */
const MODULES = [
  'mod_console',
  'mod_logfile',
  'mod_event_socket',
  'mod_sofia',
  'mod_loopback',
  'mod_commands',
  'mod_dptools',
  'mod_dialplan_xml',
  'mod_hash',
  'mod_db',
  'mod_expr',
  'mod_sndfile',
  'mod_native_file',
  'mod_tone_stream',
  'mod_conference',
];

/** Keeps FreeSWITCH from dialling by itself what a phone's REFER says; a script of mod_lua. */
const GUARD = 'hotline-refer.lua';

const modulesOf = ({ queues, refers, hasCdr }: FreeSwitchPlan): readonly string[] => [
  ...MODULES,
  `mod_${queues}`,
  ...(refers === 'guarded' ? ['mod_lua'] : []),
  ...(hasCdr ? ['mod_cdr_csv'] : []),
];

/** A list of a module's configuration, and the file made from the table that it includes. */
const list = (name: string, file: string): string[] => [`<${name}>`, include(file), `</${name}>`];

const QUEUE_CONFIGURATIONS: Readonly<Record<QueueEngineName, () => readonly string[]>> = {
  callcenter: () => [
    '<settings/>',
    ...['queues', 'agents', 'tiers'].flatMap((name) => list(name, `hotline-${name}.xml`)),
  ],
  fifo: () => [
    '<settings>',
    ...params({ 'disable-dtmf-moh-key': 'true' }),
    '</settings>',
    ...list('fifos', 'hotline-fifos.xml'),
  ],
};

/** Below the kernel's own range, where the other free ports come from, and beside the exchange's. */
const RTP_FROM = 10_000;
const RTP_TO = 31_998;

/** Quiet, three tones at once, none of them anybody's voice. */
const MUSIC = 'tone_stream://v=-30;%(10000,0,260,320,400);loops=-1';

const DOMAIN = 'hotline.lab';
const PROFILE = 'lab';

/** The folder an engineer would put the project's files in, below the configuration folder. */
const FOLDER = 'hotline';

/** A preprocessor's element needs a line of its own. */
const preprocess = (cmd: 'set' | 'include', data: string): string => element('X-PRE-PROCESS', { cmd, data });

const set = (name: string, value: string): string => preprocess('set', `${name}=${value}`);

const include = (file: string): string => preprocess('include', `$\${conf_dir}/${FOLDER}/${file}`);

const configuration = (name: string, lines: readonly string[]): string =>
  [`<configuration name="${name}.conf">`, ...lines, '</configuration>'].join('\n');

const settings = (name: string, values: Readonly<Record<string, string | number>>): string =>
  configuration(name, ['<settings>', ...params(values), '</settings>']);

const trunksOf = (table: Table): string[] => [...new Set([DEFAULT_TRUNK, ...table.trunks.keys()])];

const gateway = (name: string, exchangePort: number): string[] => [
  `<gateway name="${name}">`,
  ...params({ username: 'hotline', password: 'none', register: 'false', proxy: `${LOOPBACK}:${exchangePort}` }),
  '</gateway>',
];

const sofia = (plan: FreeSwitchPlan, table: Table): string =>
  configuration('sofia', [
    '<profiles>',
    `<profile name="${PROFILE}">`,
    '<gateways>',
    ...trunksOf(table).flatMap((name) => gateway(name, plan.exchangePort)),
    '</gateways>',
    '<settings>',
    ...params({
      context: 'lab',
      dialplan: 'XML',
      'sip-ip': LOOPBACK,
      'sip-port': plan.sipPort,
      'rtp-ip': plan.rtpHost,
      'inbound-codec-prefs': 'PCMA,PCMU',
      'outbound-codec-prefs': 'PCMA,PCMU',
      'auth-calls': 'false',
      'manage-presence': 'false',
      'disable-register': 'true',
      'rtp-timer-name': 'soft',
      'caller-id-type': 'none',
      'pass-callee-id': 'false',
      'send-display-update': 'false',
      'enable-3pcc': 'false',
      'channel-xml-fetch-on-nightmare-transfer': 'true',
      'disable-transfer': String(plan.refers === 'refused'),
    }),
    '</settings>',
    '</profile>',
    '</profiles>',
  ]);

/** The template `example` as FreeSWITCH ships it, in `log/cdr-csv/Master.csv`. */
const CDR_FIELDS =
  'caller_id_name caller_id_number destination_number context start_stamp answer_stamp end_stamp duration billsec ' +
  'hangup_cause uuid bleg_uuid accountcode read_codec write_codec';

const detailRecords = ({ folder }: FreeSwitchPlan): string =>
  configuration('cdr_csv', [
    '<settings>',
    ...params({ 'log-base': `${folder}/log`, 'default-template': 'example', legs: 'a' }),
    '</settings>',
    '<templates><template name="example">',
    CDR_FIELDS.split(' ')
      .map((field) => `"\${${field}}"`)
      .join(','),
    '</template></templates>',
  ]);

const configurations = (plan: FreeSwitchPlan, table: Table): string[] => [
  settings('switch', {
    'max-sessions': 20_000,
    'sessions-per-second': 2_000,
    loglevel: 'notice',
    'rtp-start-port': RTP_FROM,
    'rtp-end-port': RTP_TO,
    'dump-cores': 'no',
  }),
  configuration('modules', [
    '<modules>',
    ...modulesOf(plan).map((module) => element('load', { module })),
    '</modules>',
  ]),
  configuration('logfile', [
    '<settings><param name="rotate-on-hup" value="true"/></settings>',
    '<profiles><profile name="default"><settings/>',
    '<mappings><map name="all" value="notice,warning,err,crit,alert"/></mappings>',
    '</profile></profiles>',
  ]),
  configuration('console', [
    '<mappings><map name="all" value="err,crit,alert"/></mappings>',
    '<settings><param name="loglevel" value="err"/></settings>',
  ]),
  settings('event_socket', {
    'nat-map': 'false',
    'listen-ip': LOOPBACK,
    'listen-port': plan.eventSocketPort,
    password: plan.password,
    'apply-inbound-acl': 'loopback.auto',
  }),
  sofia(plan, table),
  settings('lua', {
    'xml-handler-script': `$\${conf_dir}/${FOLDER}/${GUARD}`,
    'xml-handler-bindings': 'channels',
  }),
  configuration(plan.queues, QUEUE_CONFIGURATIONS[plan.queues]()),
  ...(plan.hasCdr ? [detailRecords(plan)] : []),
  configuration('conference', [
    '<profiles><profile name="hotline">',
    ...params({ rate: 8000, interval: 20, 'energy-level': 0, 'caller-controls': 'none', 'comfort-noise': 'false' }),
    '</profile></profiles>',
  ]),
];

/** Users whose calls go to the exchange; a call of a table's endpoint `name` is a call to `user/name`. */
const directory = (plan: FreeSwitchPlan, table: Table): string[] => {
  const phones = endpointsOf(table).filter((endpoint) => phoneOf(endpoint) === endpoint);
  return [
    `<domain name="${DOMAIN}"><groups><group name="phones"><users>`,
    ...phones.map((phone) => {
      const dialString = `sofia/${PROFILE}/${phone}@${LOOPBACK}:${plan.exchangePort}`;
      return `<user id="${phone}"><params>${params({ 'dial-string': dialString }).join('')}</params></user>`;
    }),
    '</users></group></groups></domain>',
  ];
};

/**
 * What an operator's own dialplan does: tells the trunk, or whose phone it is, and hands over. Quoted, so that all that is
 * dialled gets as far as `hotline-in`, which is to judge it.
 */
const labContext = `<context name="lab"><extension name="phone">
<condition field="\${sip_h_${PHONE_HEADER}}" expression="^(.+)$">
<action application="set" data="hotline_phone=$1"/>
<action application="transfer" data="\${destination_number} XML hotline-agents"/>
</condition></extension>
<extension name="trunk"><condition field="destination_number" expression="^[^']+$">
<action application="set" data="hotline_trunk=\${sip_h_${TRUNK_HEADER}}"/>
<action application="transfer" data="'\${destination_number}' XML hotline-in"/>
</condition></extension></context>`;

/** As in `dialplan/freeswitch/channels.xml.sample`. */
const noNightmares = `<section name="channels"><params>
<param name="dial-prefix" value=""/><param name="absolute-dial-string" value="error/CALL_REJECTED"/>
</params></section>`;

/** Its files by hand, and those made from the table. */
const hotlineFiles = async (plan: FreeSwitchPlan, table: Table): Promise<Record<string, string>> => {
  const byHand = (name: string) => readFile(join(import.meta.dirname, '../../../dialplan/freeswitch', name), 'utf8');
  const controllers = plan.controllers.map(({ host, port }) => `${host}:${port}`);
  const files = {
    'hotline.xml': await byHand('hotline.xml'),
    [GUARD]: await byHand(GUARD),
    ...filesOfTable(table, { controllers, promptsDir: plan.prompts, queues: plan.queues, at: new Date() }),
  };
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${FOLDER}/${name}`, text]));
};

/** File name under the configuration folder → text. */
export const freeSwitchFiles = async (plan: FreeSwitchPlan, table: Table): Promise<Record<string, string>> => ({
  ...(await hotlineFiles(plan, table)),
  'freeswitch.xml': [
    '<document type="freeswitch/xml">',
    set('domain', DOMAIN),
    set('hold_music', MUSIC),
    include('hotline-vars.xml'),
    '<section name="configuration">',
    ...configurations(plan, table),
    '</section>',
    '<section name="directory">',
    ...directory(plan, table),
    '</section>',
    noNightmares,
    '<section name="dialplan">',
    labContext,
    include('hotline.xml'),
    include('hotline-fallback.xml'),
    '</section>',
    '</document>',
    '',
  ].join('\n'),
});
