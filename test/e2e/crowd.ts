/** Callers of every kind on a real PBX, so many a second, and what became of them as seen from the outside. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Exchange } from '../../src/lab/exchange/exchange.ts';
import type { CallOptions, PlacedCall } from '../../src/lab/exchange/placed-call.ts';

const AREA_CODES = ['0591', '0592', '0593', '0594', '0595', '0596', '0597', '0598', '0599'];
/** A member of a queue is on one call at a time: so many bear twenty calls a second. */
const MEMBERS = 8;
/** Longer than anybody is meant to wait: who is still there then was left alone. */
const PATIENCE_MS = 40_000;

/** The usual table with more agents in each queue. @returns its file. */
export async function crowdedTableFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-table-'));
  const text = await readFile('config/routes.yaml', 'utf8');
  const members = (region: string) => Array.from({ length: MEMBERS }, (_, n) => `12345-${region}-${n + 1}`).join(', ');
  const file = join(folder, 'routes.yaml');
  await writeFile(
    file,
    text.replace(/members: \[12345-(\w+)-1, 12345-\w+-2\]/g, (_, region: string) => `members: [${members(region)}]`),
  );
  return file;
}

type Kind =
  | 'talks'
  | 'agent-leaves'
  | 'overflows'
  | 'gives-up-at-once'
  | 'gives-up-early'
  | 'gives-up-ringing'
  | 'stranger';

export interface CrowdCall extends PlacedCall {
  readonly kind: Kind;
}

/** Of twenty callers. */
const KINDS: readonly Kind[] = [
  ...Array<Kind>(10).fill('talks'),
  ...Array<Kind>(3).fill('agent-leaves'),
  ...Array<Kind>(2).fill('overflows'),
  'gives-up-at-once',
  'gives-up-early',
  'gives-up-early',
  'gives-up-ringing',
  'stranger',
];

/** Seats of 12348 hang up on their callers, a little after the prompt; those of 12313 and 12315 are busy, so that their calls go on to a queue. */
const LEAVING = ['12348-1', '12348-2'];
const BUSY = ['12313-1', '12315-1', '12315-2', '12315-3'];
const TALKED_TO = ['12301', '12333', '12366', '12329', '12305', '12328', '12360', '12393', '96119', '12367'];

export function staff(exchange: Exchange): void {
  exchange.setAgents({ do: 'answer', afterMs: 300, hangupAfterMs: 8_000 });
  for (const phone of LEAVING) exchange.setAgent(phone, { do: 'answer', afterMs: 200, hangupAfterMs: 3_500 });
  for (const phone of BUSY) exchange.setAgent(phone, { do: 'busy' });
}

const dialledBy = (kind: Kind, n: number): string => {
  if (kind === 'stranger') return '99999';
  if (kind === 'agent-leaves') return '12348';
  if (kind === 'overflows') return n % 2 === 0 ? '12313' : '12315';
  return TALKED_TO[Math.floor(n / KINDS.length) % TALKED_TO.length] ?? '';
};

const hangupOf: Readonly<Record<Kind, CallOptions['hangup']>> = {
  talks: { after: 'talk', ms: 2_500 },
  'agent-leaves': undefined,
  overflows: { after: 'talk', ms: 2_500 },
  'gives-up-at-once': { after: 'dial', ms: 30 },
  'gives-up-early': { after: 'prompt', ms: 700 },
  'gives-up-ringing': { after: 'ringing', ms: 150 },
  stranger: undefined,
};

const optionsOf = (kind: Kind, n: number): CallOptions => {
  const hangup = hangupOf[kind];
  const area = AREA_CODES[n % AREA_CODES.length] ?? '';
  const from = `${area}8${String(n).padStart(6, '0')}`;
  return {
    dialled: dialledBy(kind, n),
    from,
    record: false,
    speak: false,
    limitMs: PATIENCE_MS,
    ...(hangup && { hangup }),
  };
};

/** Resolves when the last has ended. */
export async function placeCrowd(exchange: Exchange, calls: number, perSecond: number): Promise<readonly CrowdCall[]> {
  const begun = performance.now();
  const placed: Promise<CrowdCall>[] = [];
  for (let n = 0; n < calls; n += 1) {
    const wait = begun + (n * 1_000) / perSecond - performance.now();
    if (wait > 1) await pause(wait);
    const kind = KINDS[(n * 7) % KINDS.length] ?? 'talks';
    const call = exchange.placeCall(optionsOf(kind, n)).then((each) => ({ ...each, kind }));
    call.catch(() => undefined); // told once all are placed
    placed.push(call);
  }
  return Promise.all(placed);
}

const wantsAnAgent = ({ kind }: CrowdCall): boolean =>
  kind === 'talks' || kind === 'agent-leaves' || kind === 'overflows';

/** Who was to talk with an agent, and reached none: neither by a controller nor by the fallback. */
export const leftAlone = (calls: readonly CrowdCall[]): readonly CrowdCall[] =>
  calls.filter((call) => wantsAnAgent(call) && call.agents.every(({ answeredMs }) => answeredMs === null));

/** How many calls ended how, in words. */
export function endingsOf(calls: readonly CrowdCall[]): string {
  const counts = new Map<string, number>();
  for (const { kind, endedBy } of calls) {
    const ending = `${kind} ended by ${endedBy}`;
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return [...counts]
    .map(([ending, many]) => `${many} ${ending}`)
    .sort()
    .join(', ');
}
