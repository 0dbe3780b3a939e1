/** `npm start` without a PBX: a lab for the service to control, one call to watch, and the door for `hotline call`. */

import { TableRefused } from '../base/errors.ts';
import type { RecordSink } from '../feed/feed.ts';
import { buildPrompts } from '../prompts/build.ts';
import { checkPrompts } from '../prompts/check.ts';
import { DEFAULT_VOICE, toolsWithin } from '../prompts/tools.ts';
import type { CallRecord } from '../records/record.ts';
import { formatRecordLine } from '../records/text.ts';
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import type { Settings } from '../settings/settings.ts';
import { type Control, serveControl } from './control.ts';
import { type Lab, startLab } from './lab.ts';
import { callAndReport, tellStory } from './report.ts';

export interface Demonstration {
  /** The service's settings, with the lab's PBX and Redis in them. */
  readonly settings: Settings;
  /** A folder that goes with the lab. */
  readonly folder: string;
  /** Prints the story of every call as it happens. */
  readonly sink: RecordSink;
  /** Tells that all is ready, places the one call, and opens the door. @param url of the service */
  show(url: string): Promise<void>;
  stop(): Promise<void>;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const printStory: RecordSink = {
  take: (record: CallRecord) => {
    if (record.type === 'arrived') say(`\ncall ${record.callId}`);
    say(formatRecordLine(record));
  },
  stop: async () => undefined,
};

/** The lab's PBX and Redis in place of none. */
const served = (settings: Settings, lab: Lab): Settings => {
  const { ariUrl: url, ari } = lab.pbx;
  const promptsDir = lab.promptsPbxDir;
  const pbx = {
    name: 'lab',
    kind: 'asterisk',
    url,
    user: ari.user,
    password: ari.password,
    app: 'hotline',
    promptsDir,
  };
  const prompts = { ...settings.prompts, dir: lab.promptsDir };
  return { ...settings, switches: [pbx as Settings['switches'][number]], redis: lab.redisUrl, prompts };
};

/** @throws LabUnavailable, PromptBuildFailed */
export const openDemonstration = async (settings: Settings, table: Table): Promise<Demonstration> => {
  const begun = performance.now();
  const lab = await startLab({ table, progress: say });
  const voice = settings.prompts.synthesiser
    ? { ...DEFAULT_VOICE, synthesiser: settings.prompts.synthesiser }
    : DEFAULT_VOICE;
  const folders = { dir: lab.promptsDir, supplied: settings.prompts.supplied };
  await buildPrompts(table.prompts.values(), { folders, voice, tools: () => toolsWithin(lab.root, lab.folder, voice) });
  const problems = (await checkPrompts(table, { folders, voice, tableFile: settings.table })).filter(
    ({ severity }) => severity === 'error',
  );
  for (const problem of problems) say(formatProblem(problem));
  if (problems.length > 0) {
    await lab.stop();
    throw new TableRefused(`the prompts of ${settings.table} are not good; the lab does not start on them`, problems);
  }
  let control: Control | undefined;
  const show = async (url: string): Promise<void> => {
    say(
      `ready after ${((performance.now() - begun) / 1000).toFixed(1)} s: ${table.numbers.size} numbers, service at ${url}`,
    );
    say('one call to 12301 from a telephone in Fuzhou:');
    const report = await callAndReport(lab, table, { dialled: '12301', from: '059187654321' });
    say(`\nwhat the caller's side recorded:\n${tellStory(report)}`);
    control = await serveControl(lab, table);
    say('\nThe lab stays up. Try, from another terminal:  npx hotline call 059212333 --from 05922001234');
    if (control.other !== undefined)
      say(`(it reaches the lab that process ${control.other} has had up before this one)`);
    say('Ctrl-C ends it.');
  };
  return {
    settings: served(settings, lab),
    folder: lab.folder,
    sink: printStory,
    show,
    stop: async () => {
      await control?.stop();
      await lab.stop();
    },
  };
};
