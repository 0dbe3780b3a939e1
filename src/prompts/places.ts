/** Where a table defines its prompts, so that what is wrong with one can be pointed at. */
import type { Parsed } from '../routing/parse.ts';
import type { Place } from '../routing/problems.ts';

export type PlaceOfPrompt = (promptId: string) => Place;

/** For a whisper's piece, which no line of the table defines, it is the place of `prompts`. */
export const placesBy =
  (locate: NonNullable<Parsed['locate']>): PlaceOfPrompt =>
  (promptId) =>
    locate(['prompts', promptId], 'key');
