/** Recordings on far ends that stall, forget and refuse: what a real PBX does too seldom to be waited for. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { freeTcpPort } from '../../../src/lab/pbx/process.ts';
import { connectAri } from '../../../src/switch/asterisk/ari/library.ts';
import { AsteriskSwitch } from '../../../src/switch/asterisk/switch.ts';
import { connectEsl } from '../../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../../src/switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from '../../../src/switch/freeswitch/switch.ts';
import type { Call } from '../../../src/switch/port.ts';
import { Taken } from '../../contract/rig.ts';
import { AriFarEnd, type Fault } from '../../far-end/ari.ts';
import { EslFarEnd } from '../../far-end/esl.ts';

const log = createLogger('silent');

describe('a recording on an Asterisk', { timeout: 30_000 }, () => {
  const NAME = 'hotline/far-caller';
  let pbx: AriFarEnd;
  let held: AsteriskSwitch;
  let call: Call;

  beforeEach(async () => {
    pbx = await AriFarEnd.open();
    const taken = new Taken();
    const settings = { name: 'far', url: pbx.url, user: 'u', password: 'p', app: 'hotline', promptsDir: '/prompts' };
    held = new AsteriskSwitch(settings, connectAri, log);
    await held.start(taken);
    pbx.enter('caller');
    call = await taken.arrival();
    await call.answer();
  });

  afterEach(async () => {
    await held.stop();
    pbx.close();
  });

  const isUnderWay = () => expect.poll(() => [...pbx.recordings], { timeout: 10_000 }).toEqual([NAME]);

  it.each<[string, Fault[]]>([
    ['finds Asterisk busy', ['busy', 'busy']],
    ['is cut off', ['reset', 'reset']],
    ['is obeyed, but the answer cut off', ['reset-after']],
  ])('that %s when it is asked for is under way once', async (_, faults) => {
    pbx.fault('bridges.record', ...faults);
    const recording = call.record('far-caller');
    await isUnderWay();
    await expect.poll(() => pbx.faultsLeft).toBe(0);
    await recording.stop();
    expect(await recording.ended).toBe('done');
    expect(pbx.recordings.size).toBe(0);
  });

  it('that ends by itself has broken off', async () => {
    const recording = call.record('far-caller');
    await isUnderWay();
    pbx.endRecording(NAME);
    expect(await recording.ended).toBe('broken-off');
  });

  it('of no length never was', async () => {
    const recording = call.record('far-caller');
    await isUnderWay();
    pbx.endRecording(NAME, 0);
    expect(await recording.ended).toBe('not-begun');
  });

  it('that ends in a gap of the events is found to be over', async () => {
    const recording = call.record('far-caller');
    await isUnderWay();
    pbx.cut();
    pbx.endRecording(NAME);
    expect(await recording.ended).toBe('broken-off');
  });

  it('that goes on through a gap of the events is not taken for over', async () => {
    const recording = call.record('far-caller');
    await isUnderWay();
    pbx.cut();
    await expect.poll(() => [pbx.connections, held.connected], { timeout: 10_000 }).toEqual([2, true]);
    await recording.stop();
    expect(await recording.ended).toBe('done');
  });

  it('is over with the call, and nothing is listened for any more', async () => {
    const recording = call.record('far-caller');
    await isUnderWay();
    pbx.hangup('caller');
    expect(await recording.ended).toBe('done');
    await expect.poll(() => held.held).toBe(0);
    expect(await call.record('far-caller-2').ended).toBe('done');
  });
});

describe('a recording on a FreeSWITCH', { timeout: 30_000 }, () => {
  const FILE = '/recordings/far-caller.wav';
  let pbx: EslFarEnd;
  let held: FreeSwitchSwitch;
  let taken: Taken;

  beforeEach(async () => {
    pbx = await EslFarEnd.open();
    taken = new Taken();
  });

  afterEach(async () => {
    await held.stop();
    pbx.close();
  });

  const arrive = async (folder: string | null = '/recordings'): Promise<Call> => {
    const port = await freeTcpPort();
    const listen = { host: '127.0.0.1', port, accept: ['127.0.0.1'] };
    const settings = {
      name: 'far',
      listen,
      eventSocket: pbx.eventSocket,
      promptsDir: '/prompts',
      queues: 'callcenter' as const,
      recordingsDir: folder ?? undefined,
    };
    held = new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
    await held.start(taken);
    await pbx.enter('caller', port);
    return taken.arrival();
  };

  const recorded = async () => {
    const call = await arrive();
    const recording = call.record('far-caller');
    await expect.poll(() => [...pbx.recordings.keys()]).toEqual([FILE]);
    return { call, recording };
  };

  it('that it refuses has not begun', async () => {
    pbx.isReadOnly = true;
    expect(await (await arrive()).record('far-caller').ended).toBe('not-begun');
  });

  it('for which the settings have no folder has not begun, and nothing is asked', async () => {
    const call = await arrive(null);
    expect(await call.record('far-caller').ended).toBe('not-begun');
    expect(pbx.asked).not.toContain('uuid_record');
  });

  it('that is asked for while the connection breaks is under way all the same', async () => {
    pbx.fault('uuid_record', 'reset-after');
    const { recording } = await recorded();
    await expect.poll(() => held.connected, { timeout: 10_000 }).toBe(true);
    await recording.stop();
    expect(await recording.ended).toBe('done');
  });

  it('that could not be written to its end has broken off', async () => {
    const { recording } = await recorded();
    pbx.completionCause = 'uri-failure';
    await recording.stop();
    expect(await recording.ended).toBe('broken-off');
  });

  it('that ends by itself has broken off', async () => {
    const { recording } = await recorded();
    pbx.endRecording(FILE);
    expect(await recording.ended).toBe('broken-off');
  });

  it('that ends in a gap of the events is found to be over', async () => {
    const { recording } = await recorded();
    pbx.cutOff();
    pbx.endRecording(FILE);
    expect(await recording.ended).toBe('broken-off');
  });

  it('is over with the call', async () => {
    const { recording } = await recorded();
    pbx.hangup('caller', 'NORMAL_CLEARING');
    expect(await recording.ended).toBe('done');
    await expect.poll(() => held.held).toBe(0);
  });
});
