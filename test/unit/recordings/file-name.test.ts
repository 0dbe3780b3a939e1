import { describe, expect, test } from 'vitest';
import { isRecordingOf, recordingFile } from '../../../src/recordings/file-name.ts';

const ASTERISK = 'pbx1-lab-pbx-1795472311.0';
const FREESWITCH = 'pbx2-e521d16c-27ee-4779-bea9-a1ab34757a1c';

describe('the file of a recording', () => {
  test('is named by the call, and from the second on by its number', () => {
    expect(recordingFile(ASTERISK, 1)).toBe(`${ASTERISK}.wav`);
    expect(recordingFile(ASTERISK, 2)).toBe(`${ASTERISK}-2.wav`);
  });

  test.each([
    ['pbx1-../../etc/passwd', 'pbx1-_.__._etc_passwd.wav'],
    ['.hidden', '_hidden.wav'],
    ['a b;c', 'a_b_c.wav'],
  ])('stays in its folder, whatever %s is called', (callId, file) => {
    expect(recordingFile(callId, 1)).toBe(file);
  });
});

describe('a file is told for a recording of ours', () => {
  const isOurs = isRecordingOf(['pbx1', 'pbx2']);

  test.each([ASTERISK, FREESWITCH, 'pbx1-1795472311.42'])('when it is one: %s', (callId) => {
    for (const n of [1, 2, 9, 10, 31]) expect(isOurs(recordingFile(callId, n))).toBe(true);
  });

  test.each([
    'invoice.wav',
    'pbx1-greeting.wav',
    'pbx1-greeting-2.wav',
    'pbx3-1795472311.42.wav',
    'pbx1-1795472311.42.mp3',
    'pbx1-1795472311.42.wav.bak',
    'xpbx1-1795472311.42.wav',
    'pbx1-1795472311.42-1.wav',
    'pbx1-1795472311.42-0.wav',
    '1795472311.42.wav',
    'pbx1-',
    '',
  ])('not for a stranger’s: %s', (file) => {
    expect(isOurs(file)).toBe(false);
  });

  test('for none where there is no PBX', () => {
    expect(isRecordingOf([])('-1795472311.42.wav')).toBe(false);
  });

  test('by the PBX’s name to the letter', () => {
    expect(isRecordingOf(['p.x'])('pbx-1795472311.42.wav')).toBe(false);
  });
});
