/**
 * File names of recordings: the call's id, and a number from the call's second recording on. `pbx1-1760000000.42.wav`,
 * `pbx1-1760000000.42-2.wav`.
 */

/** Characters that a file name must not have, or that would lead out of the folder. */
const STRANGE = /[^A-Za-z0-9._-]|^\.|\.(?=\.)/g;

/** @param n 1 for the call's first recording. @returns the name without its extension, as a PBX is told. */
export const recordingName = (callId: string, n: number): string =>
  `${callId.replaceAll(STRANGE, '_')}${n === 1 ? '' : `-${n}`}`;

export const recordingFile = (callId: string, n: number): string => `${recordingName(callId, n)}.wav`;

/** A channel as a PBX numbers it, behind its own name perhaps: Asterisk by second and count, FreeSWITCH by UUID. */
const CHANNEL = '(?:[A-Za-z0-9._-]+-)?\\d{9,11}\\.\\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Tells a recording's file from a stranger's: it begins with the name of one of our switches, and with nothing else. */
export function isRecordingOf(switchNames: readonly string[]): (file: string) => boolean {
  const names = switchNames.map((name) => RegExp.escape(name)).join('|');
  const ours = new RegExp(`^(?:${names})-(?:${CHANNEL})(?:-[2-9]|-[1-9]\\d+)?\\.wav$`);
  return (file) => names !== '' && ours.test(file);
}
