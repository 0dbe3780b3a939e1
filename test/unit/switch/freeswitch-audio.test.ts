/** Who hears whom on a FreeSWITCH whose events are told by hand, one at a time. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { FreeSwitchCall } from '../../../src/switch/freeswitch/call.ts';
import type { EslEvent } from '../../../src/switch/freeswitch/esl/client.ts';
import { EslLink } from '../../../src/switch/freeswitch/esl/link.ts';
import { QUEUE_ENGINES } from '../../../src/switch/freeswitch/esl/queue-engine.ts';

const SEAT = { kind: 'seat', endpoint: '12333-xiamen-1', ringSeconds: 20 } as const;
const CALLER = 'c';
const nobodyMuted = { waitTone: 'ringing', muted: [] } as const;

/** As FreeSWITCH tells it of a conference: without the channel's variables. */
const enters = (channelId: string, room: string): EslEvent => ({
  'Event-Name': 'CUSTOM',
  Action: 'add-member',
  'Unique-ID': channelId,
  'Conference-Name': room,
});

const parks = (channelId: string): EslEvent => ({
  'Event-Name': 'CHANNEL_PARK',
  'Unique-ID': channelId,
  variable_hotline_endpoint: SEAT.endpoint,
});

const bridges = (one: string, other: string): EslEvent => ({
  'Event-Name': 'CHANNEL_BRIDGE',
  'Unique-ID': one,
  'Other-Leg-Unique-ID': other,
});

const hangsUp = (channelId: string): EslEvent => ({
  'Event-Name': 'CHANNEL_HANGUP',
  'Unique-ID': channelId,
  'Hangup-Cause': 'NORMAL_CLEARING',
});

describe('seats on a FreeSWITCH', () => {
  let commands: string[];
  let link: EslLink;
  let call: FreeSwitchCall;

  const tell = (event: EslEvent): void => link.dispatch(event);
  const commanded = (command: string, timeout = 500) =>
    expect.poll(() => commands, { timeout, interval: 5 }).toContain(command);

  beforeEach(async () => {
    commands = [];
    link = new EslLink(createLogger('silent'), QUEUE_ENGINES.callcenter);
    link.use({
      api: async (command, args) => {
        commands.push([command, ...args].join(' '));
        return '+OK';
      },
      originate: async () => undefined,
      execute: async () => undefined,
      closed: new Promise(() => undefined),
      close: () => undefined,
    });
    const channel = { 'Unique-ID': CALLER, variable_hotline_dialled: '12333' };
    call = new FreeSwitchCall(link, { switchName: 'pbx', channel, filesOf: () => [], recordingsDir: undefined });
  });

  const talking = async () => {
    const leg = call.dial('o', SEAT);
    tell(parks('c~o'));
    tell(bridges(CALLER, 'c~o'));
    await leg.outcome;
    await call.setAudio({ legs: { o: 'with-caller' }, ...nobodyMuted });
    return leg;
  };

  test('a caller on the way into a conference that has become needless hears ringing at once, not after a time-out', async () => {
    const leg = await talking();
    await leg.hangup();
    call.dial('a', SEAT);
    call.dial('b', SEAT);
    await commanded('uuid_transfer c -both c XML hotline-room');
    tell(hangsUp('c~o'));
    tell(enters(CALLER, CALLER));
    await commanded('uuid_transfer c 12333 XML hotline-again');
  });

  test('a phone that enters a conference as it answers has answered', async () => {
    await talking();
    const leg = call.dial('a', SEAT);
    tell(enters('c~a', CALLER));
    expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
  });

  test('a phone is told while it rings in variables that it was not dialled with', async () => {
    const leg = await talking();
    call.dial('a', SEAT);
    await commanded('uuid_transfer c -both c XML hotline-room');
    tell(enters(CALLER, CALLER));
    tell(enters('c~o', CALLER));
    await leg.hangup();
    tell(hangsUp('c~o'));
    await commanded('uuid_setvar_multi c~a hotline_told_goes=pair;hotline_told_with=c;hotline_told_whispers=false');
  });
});
