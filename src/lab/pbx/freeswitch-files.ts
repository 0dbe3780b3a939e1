/** Configuration of the lab's FreeSWITCH: the product's dialplan and queues, a phone per endpoint, a trunk per table trunk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeSwitchFiles as filesOfTable } from '../../dialplan/freeswitch/files.ts';
import type { QueueEngineName } from '../../dialplan/freeswitch/queues.ts';
import { element, params } from '../../dialplan/freeswitch/text.ts';
import type { Table } from '../../routing/table.ts';
import { endpointsOf, phoneOf } from './asterisk-files.ts';
import { DEFAULT_TRUNK } from './pbx.ts';
import { LOOPBACK } from './process.ts';
import { fillTemplate } from './templates.ts';

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

/** Keeps FreeSWITCH from dialling by itself what a phone's REFER says; a script of mod_lua. */
const GUARD = 'hotline-refer.lua';

/** The folder an engineer would put the project's files in, below the configuration folder. */
const FOLDER = 'hotline';

const trunksOf = (table: Table): string[] => [...new Set([DEFAULT_TRUNK, ...table.trunks.keys()])];

const gateway = (name: string, exchangePort: number): string[] => [
  `<gateway name="${name}">`,
  ...params({ username: 'hotline', password: 'none', register: 'false', proxy: `${LOOPBACK}:${exchangePort}` }),
  '</gateway>',
];

/** A user whose calls go to the exchange; a call of a table's endpoint `name` is a call to `user/name`. */
const user = (phone: string, exchangePort: number): string => {
  const dialString = `sofia/lab/${phone}@${LOOPBACK}:${exchangePort}`;
  return `<user id="${phone}"><params>${params({ 'dial-string': dialString }).join('')}</params></user>`;
};

/** Beside those that every lab loads. */
const modulesOf = ({ queues, refers, hasCdr }: FreeSwitchPlan): readonly string[] => [
  `mod_${queues}`,
  ...(refers === 'guarded' ? ['mod_lua'] : []),
  ...(hasCdr ? ['mod_cdr_csv'] : []),
];

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
export const freeSwitchFiles = async (plan: FreeSwitchPlan, table: Table): Promise<Record<string, string>> => {
  const { folder, sipPort, exchangePort, eventSocketPort, password, rtpHost } = plan;
  const phones = endpointsOf(table).filter((endpoint) => phoneOf(endpoint) === endpoint);
  return {
    ...(await hotlineFiles(plan, table)),
    'freeswitch.xml': await fillTemplate('freeswitch.xml', {
      ...{ sipPort, eventSocketPort, password, rtpHost },
      modules: modulesOf(plan)
        .map((module) => element('load', { module }))
        .join('\n'),
      gateways: trunksOf(table)
        .flatMap((name) => gateway(name, exchangePort))
        .join('\n'),
      phones: phones.map((phone) => user(phone, exchangePort)).join('\n'),
      queues: await fillTemplate(`freeswitch/${plan.queues}.xml`),
      detailRecords: plan.hasCdr ? await fillTemplate('freeswitch/cdr.xml', { folder }) : '',
      transferDisabled: String(plan.refers === 'refused'),
    }),
  };
};
