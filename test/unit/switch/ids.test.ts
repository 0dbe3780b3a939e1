import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  asideBridgeId,
  bridgeIdOf,
  legChannelId,
  legOfQueueHalf,
  ownBridgeId,
  parseBridgeId,
  parseLegChannelId,
  parseSnoopChannelId,
  parseTakenIn,
  playbackIdOf,
  queueHalfId,
  snoopChannelId,
  takenInValue,
} from '../../../src/switch/asterisk/ids.ts';

const app = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
/** As Asterisk makes them: system name, Unix time, serial number. */
const callerId = fc.stringMatching(/^([a-z]{1,8}-)?[0-9]{10}\.[0-9]{1,6}$/);
const leg = fc.stringMatching(/^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}$/);

describe('what we made on Asterisk is found again by its id', () => {
  test('a leg tells its caller and itself', () => {
    fc.assert(
      fc.property(app, callerId, leg, (a, c, l) => {
        expect(parseLegChannelId(a, legChannelId(a, c, l))).toEqual({ callerId: c, leg: l });
      }),
    );
  });

  test('each bridge of a call tells its caller', () => {
    fc.assert(
      fc.property(app, callerId, leg, (a, c, l) => {
        for (const id of [bridgeIdOf(a, c), asideBridgeId(a, c), ownBridgeId(a, c, l)]) {
          expect(parseBridgeId(a, id)).toBe(c);
          expect(parseLegChannelId(a, id)).toBeUndefined();
        }
        expect(parseBridgeId(a, playbackIdOf(a, c, 'ringing-1'))).toBeUndefined();
      }),
    );
  });

  test("a supervisor's snoop channel tells whose it is, what it does, and at whom", () => {
    fc.assert(
      fc.property(app, callerId, leg, leg, fc.constantFrom('listens', 'whispers'), (a, c, l, at, does) => {
        const snoop = { leg: l, does, at };
        expect(parseSnoopChannelId(a, snoopChannelId(a, c, snoop))).toEqual({ callerId: c, ...snoop });
        expect(parseLegChannelId(a, snoopChannelId(a, c, snoop))).toBeUndefined();
        expect(parseSnoopChannelId(a, legChannelId(a, c, l))).toBeUndefined();
        expect(parseSnoopChannelId(a, queueHalfId(legChannelId(a, c, l)))).toBeUndefined();
      }),
    );
  });

  test("a queue's half tells its leg, a phone's own call whose leg it has become", () => {
    fc.assert(
      fc.property(app, callerId, leg, (a, c, l) => {
        expect(legOfQueueHalf(queueHalfId(legChannelId(a, c, l)))).toBe(legChannelId(a, c, l));
        expect(legOfQueueHalf(legChannelId(a, c, l))).toBeUndefined();
        expect(parseTakenIn(takenInValue(c, l))).toEqual({ callerId: c, leg: l });
        expect(parseTakenIn('')).toBeUndefined();
      }),
    );
  });

  test("a caller's channel, the far half of a queue's leg, and another controller's things are none of ours", () => {
    fc.assert(
      fc.property(app, app, callerId, leg, (a, other, c, l) => {
        expect(parseLegChannelId(a, c)).toBeUndefined();
        expect(parseBridgeId(a, c)).toBeUndefined();
        expect(parseBridgeId(a, legChannelId(a, c, l))).toBeUndefined();
        expect(parseLegChannelId(a, bridgeIdOf(a, c))).toBeUndefined();
        fc.pre(a !== other);
        expect(parseLegChannelId(a, legChannelId(other, c, l))).toBeUndefined();
        expect(parseBridgeId(a, bridgeIdOf(other, c))).toBeUndefined();
      }),
    );
  });

  test('no two things have one id', () => {
    const [a, c] = ['hotline', 'pbx-1760000000.42'];
    const ids = [
      bridgeIdOf(a, c),
      asideBridgeId(a, c),
      ownBridgeId(a, c, '2.0.0.0'),
      legChannelId(a, c, '2.0.0.0'),
      playbackIdOf(a, c, '2.0.0.0'),
      playbackIdOf(a, c, '1.0'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
