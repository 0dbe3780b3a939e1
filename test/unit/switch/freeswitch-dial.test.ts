import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAUSE_NAMES, q850Of } from '../../../src/switch/freeswitch/causes.ts';
import { decodeMemory, encodeMemory } from '../../../src/switch/freeswitch/channel-variables.ts';
import { dialString } from '../../../src/switch/freeswitch/dial.ts';
import { QUEUE_ENGINES } from '../../../src/switch/freeswitch/esl/queue-engine.ts';
import { callerIdOf, legChannelId, parseLegChannelId } from '../../../src/switch/freeswitch/ids.ts';
import { legEndCause } from '../../../src/switch/kit/causes.ts';

const { callcenter, fifo } = QUEUE_ENGINES;
const leg = { channelId: 'a~0.0.0.0', callerId: 'a', callId: 'pbx-a', dialled: '059212333', route: {} };
const who = { name: '12333 厦门', number: '05922001234', hotline: '12333', region: 'xiamen' };

describe('what originate reads', () => {
  test('a seat is a user of the directory, or a number over a gateway', () => {
    const seat = { kind: 'seat', ringSeconds: 20 } as const;
    expect(dialString({ ...seat, endpoint: 'agent-1' }, who, leg, callcenter)).toMatch(
      /\}user\/agent-1 leg XML hotline-leg$/,
    );
    expect(dialString({ ...seat, endpoint: '2001@office' }, who, leg, callcenter)).toMatch(
      /\}sofia\/gateway\/office\/2001 leg XML/,
    );
  });

  test('a queue is a loopback channel whose far half stands in it', () => {
    const queue = { kind: 'queue', queue: '12345-fuzhou', waitSeconds: 60 } as const;
    expect(dialString({ ...queue, skill: undefined }, who, leg, callcenter)).toContain(
      '}loopback/12345-fuzhou/hotline-queue leg XML',
    );
    expect(dialString({ ...queue, skill: '12329' }, who, leg, callcenter)).toContain('/12345-fuzhou-skill-12329/');
  });

  test('where mod_fifo queues callers, the far half stands there, and brings along when to give up without us', () => {
    const target = { kind: 'queue', queue: '12345-fuzhou', skill: undefined, waitSeconds: 60 } as const;
    expect(dialString(target, who, leg, fifo)).toContain('}loopback/12345-fuzhou/hotline-fifo leg XML');
    expect(dialString(target, who, leg, fifo)).toContain("fifo_orbit_exten='_continue_:65'");
    expect(dialString(target, who, leg, callcenter)).not.toContain('fifo');
  });

  test('hotline and caller go along, and nothing in them ends a value', () => {
    const target = { kind: 'seat', endpoint: 'x', ringSeconds: 1 } as const;
    const text = dialString(target, { ...who, name: "a',b={c}\n[d]", number: null }, leg, callcenter);
    expect(text).toContain("origination_caller_id_name='ab=cd'");
    expect(text).toContain("origination_caller_id_number='anonymous'");
    expect(text).toContain("sip_h_X-Hotline='12333'");
  });
});

test('a leg tells its caller and itself', () => {
  expect(parseLegChannelId(legChannelId('7d0b-1', '3.0.0.1'))).toEqual({ callerId: '7d0b-1', leg: '3.0.0.1' });
  expect(parseLegChannelId('7d0b-1')).toBeUndefined();
  expect(callerIdOf('7d0b-1~~p')).toBe('7d0b-1');
});

test('any memory comes back as it was written, and is one word on the way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (memory) => {
      expect(encodeMemory(memory)).not.toMatch(/[\s'\\]/);
      expect(decodeMemory(encodeMemory(memory))).toBe(memory);
    }),
  );
});

describe('causes', () => {
  test.each([
    ['USER_BUSY', false, 'busy', 17],
    ['CALL_REJECTED', false, 'rejected', 21],
    ['NO_ANSWER', false, 'no-answer', 19],
    ['NO_USER_RESPONSE', false, 'no-answer', 18],
    ['USER_NOT_REGISTERED', false, 'unreachable', 20],
    ['GATEWAY_DOWN', false, 'unreachable', 27],
    ['NORMAL_CLEARING', true, 'hung-up', 16],
    ['', false, 'no-answer', 0],
  ] as const)('%s (answered: %s) is %s', (name, answered, cause, q850) => {
    expect(legEndCause(q850Of(name), answered)).toBe(cause);
    expect(q850Of(name)).toBe(q850);
  });

  test('a stranger’s number reaches SIP as 404', () => {
    expect(CAUSE_NAMES.unallocated).toBe('UNALLOCATED_NUMBER');
  });
});
