/** Variables that we write on the caller's channel. They outlive this process, and the dialplan reads some of them. */
import { legChannelId } from './ids.ts';

export const MEMORY_VARIABLE = 'hotline_memory';
/** Address of the controller that has the call; the dialplan tries that controller first. */
export const CONTROLLER_VARIABLE = 'hotline_controller';

/** The audio plan: who is to hear whom. */
export const SEATING_VARIABLE = 'hotline_seating';

/** Ids of the legs dialled: FreeSWITCH's own list of channels lags behind. */
export const LEGS_VARIABLE = 'hotline_legs';

/** Characters that would break a command or its quoting, and the percent sign that encodes them. */
const BREAKS_A_WORD = /[%'\\\s\p{Cc}]/gu;

const percentEncode = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

export const encodeMemory = (memory: string): string => memory.replace(BREAKS_A_WORD, percentEncode);

export function decodeMemory(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // not what we wrote
  }
}

/** Stands before the channel id of a leg that was taken in, not dialled: its channel has an id of its own. */
const TAKEN_IN = '@';

/** Value of {@link LEGS_VARIABLE}; {@link parseLegs} reads it. */
export const formatLegs = (
  callerId: string,
  legs: Iterable<{ readonly id: string; readonly channelId: string }>,
): string =>
  Array.from(legs, ({ id, channelId }) =>
    channelId === legChannelId(callerId, id) ? id : [id, channelId].join(TAKEN_IN),
  ).join(',');

export const parseLegs = (callerId: string, text: string): readonly { id: string; channelId: string }[] =>
  text
    .split(',')
    .filter((each) => each !== '')
    .map((each) => {
      const [id = '', channelId = legChannelId(callerId, id)] = each.split(TAKEN_IN);
      return { id, channelId };
    });
