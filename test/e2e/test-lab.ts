/** A lab with spoken prompts, for tests that need the real PBX. */
import { type Lab, startLab } from '../../src/lab/lab.ts';
import { buildPrompts } from '../../src/prompts/build.ts';
import { DEFAULT_VOICE, defaultTools } from '../../src/prompts/tools.ts';
import type { Table } from '../../src/routing/table.ts';
import type { SwitchSettings } from '../../src/settings.ts';
import { loadTable } from '../../src/tables/load.ts';

export interface TestLab {
  readonly lab: Lab;
  readonly table: Table;
  /** What a controller needs to serve the lab's PBX. */
  readonly switchSettings: SwitchSettings;
}

export async function goodTable(file = 'config/routes.yaml'): Promise<Table> {
  const { table, problems } = await loadTable(file);
  if (table === undefined) throw new Error(`${file} is not good: ${JSON.stringify(problems)}`);
  return table;
}

export async function openTestLab(table?: Table, ownPrompts = false): Promise<TestLab> {
  const good = table ?? (await goodTable());
  const lab = await startLab({ table: good, ownPrompts });
  await buildPrompts(good.prompts.values(), {
    folders: { dir: lab.promptsDir, supplied: 'config/prompts' },
    voice: DEFAULT_VOICE,
    tools: () => defaultTools(process.cwd()),
  });
  const { ariUrl, ari } = lab.pbx;
  const place = { name: 'lab', kind: 'asterisk', url: ariUrl, app: 'hotline', promptsDir: lab.promptsPbxDir } as const;
  return { lab, table: good, switchSettings: { ...place, user: ari.user, password: ari.password } };
}

/** Channels and bridges the PBX still has. */
export async function leftoversOf(lab: Lab): Promise<readonly string[]> {
  const [channels, bridges] = await Promise.all([
    lab.pbx.cli('core show channels concise'),
    lab.pbx.cli('bridge show all'),
  ]);
  const names = [...channels.split('\n'), ...bridges.split('\n').slice(1)];
  return names.map((line) => line.trim()).filter((line) => line !== '');
}
