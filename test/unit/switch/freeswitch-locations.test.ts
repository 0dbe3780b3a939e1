import { describe, expect, it } from 'vitest';
import { Places, placeOf } from '../../../src/switch/freeswitch/audio/locations.ts';

const everybody = (places: Places): object => Object.fromEntries(places.present(() => true));

describe('where the channels of a FreeSWITCH call are', () => {
  it('has the caller alone at first', () => {
    expect(everybody(new Places('caller'))).toEqual({ caller: { at: 'wait' } });
  });

  it('has the agent on the way back when the caller is bridged with another', () => {
    const places = new Places('caller');
    places.bridged('caller', 'o');
    places.bridged('t', 'caller');
    expect(everybody(places)).toEqual({
      caller: { at: 'pair', with: 't' },
      t: { at: 'pair', with: 'caller' },
      o: { at: 'moving' },
    });
  });

  it('has both where they were when FreeSWITCH tells of their bridge twice', () => {
    const places = new Places('caller');
    places.bridged('caller', 'o');
    places.bridged('o', 'caller');
    expect(everybody(places)).toEqual({ caller: { at: 'pair', with: 'o' }, o: { at: 'pair', with: 'caller' } });
  });

  it('has the caller on the way back when the agent goes into a conference, waits, or ends', () => {
    const left = [
      (places: Places) => places.entered('o', 'room'),
      (places: Places) => places.waits('o'),
      (places: Places) => places.ended('o'),
    ].map((leave) => {
      const places = new Places('caller');
      places.bridged('caller', 'o');
      leave(places);
      return [places.of('caller'), places.of('o')];
    });
    expect(left).toEqual([
      [{ at: 'moving' }, { at: 'room', room: 'room' }],
      [{ at: 'moving' }, { at: 'wait' }],
      [{ at: 'moving' }, undefined],
    ]);
  });

  it('knows nothing of a channel that is not answered', () => {
    const places = new Places('caller');
    places.found({ 'Unique-ID': 'o', 'Answer-State': 'ringing' });
    expect(places.of('o')).toBeUndefined();
  });

  it.each([
    ['a pair', { variable_signal_bond: 'o' }, { at: 'pair', with: 'o' }],
    [
      'a conference',
      { variable_current_application: 'conference', 'Caller-Destination-Number': 'c' },
      { at: 'room', room: 'c' },
    ],
    [
      'listening',
      { variable_current_application: 'eavesdrop', variable_current_application_data: 'o' },
      { at: 'listen', to: 'o' },
    ],
    ['alone', { variable_current_application: 'park' }, { at: 'wait' }],
  ])('sees %s at a look', (_, channel, place) => {
    expect(placeOf(channel)).toEqual(place);
  });
});
