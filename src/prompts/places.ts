/** Where a table defines its prompts, so that what is wrong with one can be pointed at. */
import type { Place } from '../routing/problems.ts';
import { readText } from '../routing/source-text.ts';
import { readYaml } from '../routing/yaml-text.ts';
import { readIfThere } from './library.ts';

export type PlaceOfPrompt = (promptId: string) => Place;

/** For a whisper's piece, which no line of the table defines, it is the place of `prompts`. */
export async function promptPlaces(tableFile: string): Promise<PlaceOfPrompt> {
  const text = (await readIfThere(tableFile)) ?? Buffer.alloc(0);
  const yaml = readYaml(tableFile, readText({ file: tableFile, text }).text);
  return (promptId) => yaml.place(['prompts', promptId], 'key');
}
