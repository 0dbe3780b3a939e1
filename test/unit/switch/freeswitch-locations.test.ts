import { describe, expect, it } from 'vitest';
import { ChannelLocations, locationOf } from '../../../src/switch/freeswitch/audio/locations.ts';

const everybody = (locations: ChannelLocations): object => Object.fromEntries(locations.present(() => true));

describe('where the channels of a FreeSWITCH call are', () => {
  it('has the caller alone at first', () => {
    expect(everybody(new ChannelLocations('caller'))).toEqual({ caller: { at: 'wait' } });
  });

  it('has the agent on the way back when the caller is bridged with another', () => {
    const locations = new ChannelLocations('caller');
    locations.bridged('caller', 'o');
    locations.bridged('t', 'caller');
    expect(everybody(locations)).toEqual({
      caller: { at: 'pair', with: 't' },
      t: { at: 'pair', with: 'caller' },
      o: { at: 'moving' },
    });
  });

  it('has both where they were when FreeSWITCH tells of their bridge twice', () => {
    const locations = new ChannelLocations('caller');
    locations.bridged('caller', 'o');
    locations.bridged('o', 'caller');
    expect(everybody(locations)).toEqual({ caller: { at: 'pair', with: 'o' }, o: { at: 'pair', with: 'caller' } });
  });

  it('has the caller on the way back when the agent goes into a conference, waits, or ends', () => {
    const left = [
      (locations: ChannelLocations) => locations.entered('o', 'room'),
      (locations: ChannelLocations) => locations.waits('o'),
      (locations: ChannelLocations) => locations.ended('o'),
    ].map((leave) => {
      const locations = new ChannelLocations('caller');
      locations.bridged('caller', 'o');
      leave(locations);
      return [locations.of('caller'), locations.of('o')];
    });
    expect(left).toEqual([
      [{ at: 'moving' }, { at: 'room', room: 'room' }],
      [{ at: 'moving' }, { at: 'wait' }],
      [{ at: 'moving' }, undefined],
    ]);
  });

  it('knows nothing of a channel that is not answered', () => {
    const locations = new ChannelLocations('caller');
    locations.found({ 'Unique-ID': 'o', 'Answer-State': 'ringing' });
    expect(locations.of('o')).toBeUndefined();
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
  ])('sees %s at a look', (_, channel, location) => {
    expect(locationOf(channel)).toEqual(location);
  });
});
