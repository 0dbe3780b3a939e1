import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialling, skillQueueName } from '../../../src/switch/asterisk/dial.ts';
import { legChannelId, parseLegChannelId } from '../../../src/switch/asterisk/ids.ts';
import type { LegTarget, Presentation } from '../../../src/switch/port.ts';

const who: Presentation = { name: '12333 厦门', number: '05922001234', hotline: '12333', region: 'xiamen' };
const seat: LegTarget = { kind: 'seat', endpoint: '12333-xiamen-1', ringSeconds: 20 };
const queue: LegTarget = { kind: 'queue', queue: '12345-xiamen', skill: undefined, waitSeconds: 120 };

describe('a seat', () => {
  const { endpoint, variables, timeoutSeconds, otherChannelId } = dialling(seat, who, 'pbx1-1.2', 'leg');

  test('is dialled as a PJSIP endpoint', () => {
    expect(endpoint).toBe('PJSIP/12333-xiamen-1');
    expect(otherChannelId).toBeUndefined();
    const overTrunk = { ...seat, endpoint: '059187654321@duty-trunk' };
    expect(dialling(overTrunk, who, 'c', 'l').endpoint).toBe('PJSIP/059187654321@duty-trunk');
  });

  test('rings no longer than a little beyond our own limit, should nobody be in control', () => {
    expect(timeoutSeconds).toBeGreaterThan(20);
    expect(timeoutSeconds).toBeLessThanOrEqual(30);
  });

  test("shows hotline and city with the caller's number, and brings both and the call's id as headers", () => {
    expect(variables).toEqual({
      'CONNECTEDLINE(all,i)': '"12333 厦门" <05922001234>',
      'CONNECTEDLINE(pres,i)': 'allowed',
      'PJSIP_HEADER(add,X-Hotline)': '12333',
      'PJSIP_HEADER(add,X-Hotline-Region)': 'xiamen',
      'PJSIP_HEADER(add,X-Hotline-Call)': 'pbx1-1.2',
      'PJSIP_TRANSFER_HANDLING()': 'ari-only',
    });
  });

  test('is told by whom the caller was handed on, one header each, whatever the texts hold', () => {
    const anything = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(anything, anything, (note, workOrder) => {
        const handedOn = { from: 'queue:12345-xiamen', agent: null, workOrder, note };
        const told = dialling(seat, { ...who, handedOn }, 'c', 'l').variables;
        expect(Object.keys(told).filter((name) => name.includes('X-Hotline-'))).not.toContain(
          'PJSIP_HEADER(add,X-Hotline-From-Agent)',
        );
        expect(told['PJSIP_HEADER(add,X-Hotline-From)']).toBe('queue:12345-xiamen');
        for (const name of ['Note', 'Work-Order']) {
          expect(told[`PJSIP_HEADER(add,X-Hotline-${name})`]).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        }
      }),
    );
  });

  test('shows the work order of a caller who was handed on', () => {
    const handedOn = { from: 'seats:12366-xiamen', agent: '12366-xiamen-1', workOrder: 'GD-7', note: null };
    const shown = dialling(seat, { ...who, handedOn }, 'c', 'l').variables;
    expect(shown['CONNECTEDLINE(all,i)']).toBe('"12333 厦门 / GD-7" <05922001234>');
  });

  test('shows who withholds the number as anonymous', () => {
    const { variables: shown } = dialling(seat, { ...who, number: null }, 'c', 'l');
    expect(shown['CONNECTEDLINE(all,i)']).toBe('"12333 厦门" <anonymous>');
  });

  test('is never shown a caller who breaks out of the quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, number) => {
        const shown = dialling(seat, { ...who, name, number }, 'c', 'l').variables['CONNECTEDLINE(all,i)'];
        expect(shown).toMatch(/^"[^"<>\\\p{Cc}]*" <[^"<>\\\p{Cc}]*>$/u);
      }),
    );
  });
});

describe('a queue', () => {
  test('is dialled through the dialplan, whose far half is known beforehand', () => {
    const legId = legChannelId('hotline', '1.2', '2.0.0.0');
    const { endpoint, otherChannelId, timeoutSeconds, variables } = dialling(queue, who, 'pbx1-1.2', legId);
    expect(endpoint).toBe('Local/12345-xiamen@hotline-queue/n');
    expect(otherChannelId).toContain(legId);
    expect(parseLegChannelId('hotline', otherChannelId ?? '')).toBeUndefined(); // never taken for a leg of its own
    expect(Number(variables.HOTLINE_WAIT)).toBeGreaterThan(120);
    expect(timeoutSeconds).toBeGreaterThan(Number(variables.HOTLINE_WAIT));
  });

  test("hands hotline, region and call on to the agents' channels", () => {
    expect(dialling(queue, who, 'pbx1-1.2', 'leg').variables).toMatchObject({
      __HOTLINE_NUMBER: '12333',
      __HOTLINE_REGION: 'xiamen',
      __HOTLINE_CALL: 'pbx1-1.2',
    });
  });

  test("puts a caller who was lost ahead of those who have just come, and hands the agent's words on", () => {
    const handedOn = { from: 'seats:12348', agent: '12348-1', workOrder: 'GD-7', note: '急' };
    const { variables } = dialling({ ...queue, priority: 10 }, { ...who, handedOn }, 'c', 'l');
    expect(variables).toMatchObject({
      QUEUE_PRIO: '10',
      __HOTLINE_FROM: 'seats:12348',
      __HOTLINE_FROM_AGENT: '12348-1',
      __HOTLINE_WORK_ORDER: 'GD-7',
      __HOTLINE_NOTE: '急',
    });
    expect(dialling(queue, who, 'c', 'l').variables).not.toHaveProperty('QUEUE_PRIO');
  });

  test('with a skill is a queue of its own', () => {
    expect(skillQueueName('12345-xiamen', '12329')).toBe('12345-xiamen-skill-12329');
    const { endpoint } = dialling({ ...queue, skill: '12329' }, who, 'c', 'l');
    expect(endpoint).toBe('Local/12345-xiamen-skill-12329@hotline-queue/n');
  });
});
