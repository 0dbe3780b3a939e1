/** Configuration of the lab's PBX: the product's dialplan and queues, a phone per endpoint, a trunk per table trunk. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fallbackConf } from '../../dialplan/asterisk/fallback.ts';
import { queuesConf } from '../../dialplan/asterisk/queues.ts';
import type { Table } from '../../routing/table.ts';
import { endpointsOf, type InstancePlan, phoneOf, pjsipConf, pjsipEndpoint } from './asterisk-files.ts';
import { LOOPBACK } from './process.ts';

/** Trunk of calls for which none is chosen; it names no region. */
export const DEFAULT_TRUNK = 'exchange';

/** How the exchange says which trunk a call comes over: one address stands for all of them. */
export const TRUNK_HEADER = 'X-Lab-Trunk';

/** How the exchange says which of the phones places a call. */
export const PHONE_HEADER = 'X-Lab-Phone';

const trunksOf = (table: Table): string[] => [...new Set([DEFAULT_TRUNK, ...table.trunks.keys()])];

const trunk = (name: string, exchangePort: number): Promise<string> =>
  pjsipEndpoint(name, {
    context: 'hotline-in',
    contact: `${LOOPBACK}:${exchangePort}`,
    identifiedBy: `match_header = ${TRUNK_HEADER}: ${name}`,
  });

const phone = (endpoint: string, exchangePort: number): Promise<string> =>
  pjsipEndpoint(endpoint, {
    context: 'hotline-agents',
    contact: `${endpoint}@${LOOPBACK}:${exchangePort}`,
    identifiedBy: `match_header = ${PHONE_HEADER}: ${endpoint}`,
  });

const endpoints = (table: Table, exchangePort: number): Promise<string>[] => {
  const trunks = trunksOf(table);
  const phones = endpointsOf(table).filter((endpoint) => phoneOf(endpoint) === endpoint && !trunks.includes(endpoint));
  return [...trunks.map((name) => trunk(name, exchangePort)), ...phones.map((name) => phone(name, exchangePort))];
};

const EXTENSIONS = `[globals]
HOTLINE_APP=hotline
#tryinclude hotline/*.conf
`;

/** The project's own dialplan files, under the folder an engineer would put them in. */
const dialplanFiles = async (): Promise<Record<string, string>> => {
  const folder = join(import.meta.dirname, '../../../dialplan/asterisk');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.conf'));
  const texts = await Promise.all(
    names.map(async (name) => [`hotline/${name}`, await readFile(join(folder, name), 'utf8')] as const),
  );
  return Object.fromEntries(texts);
};

/**
 * @param exchangePort SIP port of the exchange.
 * @param folders music on hold, and the prompts of the fallback dialplan, as the PBX sees them.
 */
export const pbxFiles = async (
  plan: InstancePlan,
  table: Table,
  exchangePort: number,
  folders: { readonly music: string; readonly prompts: string },
): Promise<Record<string, string>> => ({
  'pjsip.conf': await pjsipConf(plan, endpoints(table, exchangePort)),
  'extensions.conf': EXTENSIONS,
  'queues.conf': queuesConf(table),
  'musiconhold.conf': `[default]\nmode = files\ndirectory = ${folders.music}\n`,
  ...(await dialplanFiles()),
  'hotline/hotline-fallback.conf': fallbackConf(table, { promptsDir: folders.prompts, at: new Date() }),
});
