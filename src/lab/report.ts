/** What one call of the lab was like: the object that `hotline call --json` prints. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWave } from '../prompts/wave.ts';
import { route } from '../routing/plan.ts';
import type { Table } from '../routing/table.ts';
import type { AgentSeen, CallOptions, PlacedCall, SoundFile, TimelineEntry } from './exchange/placed-call.ts';
import type { LabOf } from './lab.ts';
import { destinationsOf } from './pbx/asterisk-files.ts';
import { type Heard, hear } from './sound/hearing.ts';
import { SAMPLE_RATE } from './sound/sound.ts';
import { toneSpans } from './sound/tones.ts';

/** What of a lab is needed to listen to its calls. */
type Listened = Pick<LabOf<unknown>, 'exchange' | 'promptsDir'>;

export interface CallReport {
  readonly dialled: string;
  /** The table's number; null when the call was to no number of it. */
  readonly number: string | null;
  /** `fromMs` is counted from the INVITE. */
  readonly heard: readonly Heard[];
  /** Destination whose agent the caller heard; null: none. */
  readonly reached: string | null;
  /** From the INVITE until the caller heard the agent, measured in the recording. */
  readonly waitedMs: number | null;
  readonly agentSaw: { readonly name: string; readonly number: string; readonly hotline: string } | null;
  readonly timeline: readonly TimelineEntry[];
  readonly endedBy: PlacedCall['endedBy'];
}

/** The caller talks for a while and hangs up. */
const USUAL_HANGUP = { after: 'heard', ms: 2000 } as const;

const samplesOf = async (file: string): Promise<Int16Array> => {
  const { wave } = readWave(await readFile(file), [SAMPLE_RATE]);
  return wave?.samples ?? new Int16Array(0);
};

/** Audio of the table's prompts that callers hear; one without a file is one nobody can hear. */
const promptSounds = async (folder: string, table: Table): Promise<Map<string, Int16Array>> => {
  const ids = [...table.prompts.keys()].filter((id) => !id.startsWith('whisper-'));
  const sounds = await Promise.all(
    ids.map(async (id) => [id, await samplesOf(join(folder, `${id}.wav`)).catch(() => new Int16Array(0))] as const),
  );
  return new Map(sounds.filter(([, samples]) => samples.length > 0));
};

interface Reached {
  readonly agent: AgentSeen;
  /** When the caller heard the agent's tone; null without a recording. */
  readonly heardMs: number | null;
}

/** The first agent the caller heard; without a recording the first who answered. */
const findReached = (lab: Listened, placed: PlacedCall, recording: Int16Array | null): Reached | null => {
  const answered = placed.agents.filter((agent) => agent.answeredMs !== null);
  if (recording === null) return answered[0] ? { agent: answered[0], heardMs: null } : null;
  const heard = answered.flatMap((agent) => {
    const [span] = toneSpans(recording, lab.exchange.hertzOf(agent.phone));
    return span ? [{ agent, heardMs: Math.round(span.fromMs + (placed.recording?.fromMs ?? 0)) }] : [];
  });
  return heard.sort((a, b) => a.heardMs - b.heardMs)[0] ?? null;
};

const inCallTime = (heard: readonly Heard[], file: SoundFile | null): Heard[] =>
  heard.map((each) => ({ ...each, fromMs: Math.round(each.fromMs + (file?.fromMs ?? 0)) }));

/** What the exchange saw and what the ear heard, in one order. */
const timelineOf = (placed: PlacedCall, heard: readonly Heard[], reached: Reached | null): TimelineEntry[] => {
  const ear = heard.map(({ prompt, fromMs }) => ({ atMs: fromMs, event: `caller hears prompt ${prompt}` }));
  const agent =
    reached?.heardMs == null ? [] : [{ atMs: reached.heardMs, event: `caller hears ${reached.agent.phone}` }];
  return [...placed.timeline, ...ear, ...agent].sort((a, b) => a.atMs - b.atMs);
};

/** Listens to a call that has ended. */
export const reportOf = async (
  lab: Listened,
  table: Table,
  placed: PlacedCall,
  trunk?: string,
): Promise<CallReport> => {
  const recording = placed.recording === null ? null : await samplesOf(placed.recording.file);
  const sounds = recording === null ? new Map<string, Int16Array>() : await promptSounds(lab.promptsDir, table);
  const heard = inCallTime(hear(recording ?? new Int16Array(0), sounds), placed.recording);
  const reached = findReached(lab, placed, recording);
  const facts = { dialled: placed.dialled, caller: placed.from, trunk: trunk ?? null };
  return {
    dialled: placed.dialled,
    number: route(table, facts, new Date()).number,
    heard,
    reached: reached === null ? null : (destinationsOf(table, reached.agent.phone)[0] ?? null),
    waitedMs: reached?.heardMs ?? null,
    agentSaw:
      reached === null
        ? null
        : { name: reached.agent.name, number: reached.agent.number, hotline: reached.agent.hotline },
    timeline: timelineOf(placed, heard, reached),
    endedBy: placed.endedBy,
  };
};

/** Places a call and tells what it was like; the caller hangs up two seconds after hearing an agent, unless told otherwise. */
export const callAndReport = async (lab: Listened, table: Table, options: CallOptions): Promise<CallReport> => {
  const placed = await lab.exchange.placeCall({ hangup: USUAL_HANGUP, ...options });
  return reportOf(lab, table, placed, options.trunk);
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(9);

const whom = (report: CallReport): string => {
  if (report.reached === null) return 'The caller reached nobody.';
  const waited = report.waitedMs === null ? '' : ` after ${(report.waitedMs / 1000).toFixed(1)} s`;
  return `The caller reached ${report.reached}${waited}.`;
};

const phone = ({ agentSaw }: CallReport): string[] =>
  agentSaw === null
    ? []
    : [
        `The agent's phone showed "${agentSaw.name}" ${agentSaw.number || '(no number)'}, hotline ${agentSaw.hotline || '(none)'}.`,
      ];

const heard = ({ heard: prompts }: CallReport): string[] =>
  prompts.map(
    ({ prompt, match, fromMs }) =>
      `Heard: prompt "${prompt}" from ${seconds(fromMs).trim()}, match ${match.toFixed(2)}.`,
  );

/** A report as a person reads it. */
export const tellStory = (report: CallReport): string => {
  const title = `Call to ${report.dialled}${report.number === null ? ', which is not in the table' : ` (hotline ${report.number})`}`;
  return [
    title,
    ...report.timeline.map(({ atMs, event }) => `${seconds(atMs)}  ${event}`),
    ...heard(report),
    whom(report),
    ...phone(report),
    `Ended by the ${report.endedBy}.`,
  ].join('\n');
};
