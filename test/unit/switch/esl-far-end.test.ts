/** The FreeSWITCH adapter against a far end that stalls, hangs up, cuts and floods. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SwitchRefused } from '../../../src/base/errors.ts';
import type { Logger } from '../../../src/base/log.ts';
import { freeTcpPort } from '../../../src/lab/pbx/process.ts';
import { CallLost } from '../../../src/switch/freeswitch/call.ts';
import { decodeMemory, MEMORY_VARIABLE } from '../../../src/switch/freeswitch/channel-variables.ts';
import { connectEsl } from '../../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../../src/switch/freeswitch/esl/outbound-server.ts';
import type { QueueEngineName } from '../../../src/switch/freeswitch/esl/queue-engine.ts';
import { legChannelId } from '../../../src/switch/freeswitch/ids.ts';
import { FreeSwitchSwitch } from '../../../src/switch/freeswitch/switch.ts';
import { type Call, CallerGone, CallLetGo } from '../../../src/switch/port.ts';
import { Taken } from '../../contract/rig.ts';
import { type Channel, EslFarEnd, type Fault, flood } from '../../far-end/esl.ts';

const SEAT = { kind: 'seat', endpoint: '12333-1', ringSeconds: 20 } as const;
const LEG = '2.0.0.0';
const legId = legChannelId('caller', LEG);
const NOBODYS = '127.0.0.3';

/** Lines of warning and worse, as a reader of the log sees them. */
const listeningLog = (lines: string[]): Logger => {
  const note = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note, child: () => log };
  return log;
};

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const ended = (call: Call): Promise<unknown> =>
  new Promise((resolve) => {
    if (call.signal.aborted) resolve(call.signal.reason);
    call.signal.addEventListener('abort', () => resolve(call.signal.reason), { once: true });
  });

describe('a FreeSWITCH that does not do what it is asked', { timeout: 30_000 }, () => {
  let pbx: EslFarEnd;
  let held: FreeSwitchSwitch;
  let taken: Taken;
  let port: number;
  let lines: string[];

  const newSwitch = (queues: QueueEngineName = 'callcenter') => {
    const log = listeningLog(lines);
    const listen = { host: '127.0.0.1', port, accept: ['127.0.0.1'] };
    const settings = {
      name: 'far',
      listen,
      eventSocket: pbx.eventSocket,
      promptsDir: '/prompts',
      queues,
    };
    return new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
  };

  beforeEach(async () => {
    pbx = await EslFarEnd.open();
    port = await freeTcpPort();
    lines = [];
    taken = new Taken();
    held = newSwitch();
  });

  afterEach(async () => {
    await held.stop();
    pbx.close();
  });

  const arrive = async (): Promise<Call> => {
    await held.start(taken);
    await pbx.enter('caller', port);
    return taken.arrival();
  };

  const reconnected = async (times = 1): Promise<void> => {
    await expect.poll(() => [pbx.connections, held.connected], { timeout: 10_000 }).toEqual([1 + times, true]);
  };

  const timesAsked = (command: string) => pbx.asked.filter((each) => each === command).length;

  const stranger = async (localAddress = '127.0.0.1'): Promise<{ socket: Socket; closed: Promise<unknown> }> => {
    const socket = createConnection({ host: '127.0.0.1', port, localAddress });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined); // a reset is a close too
    socket.resume();
    await once(socket, 'connect');
    return { socket, closed };
  };

  it('says of a call whether it is still up', async () => {
    const call = await arrive();
    expect(await held.isUp(call.id)).toBe(true);
    expect(await held.isUp('far-another')).toBe(false);
  });

  it('refuses the password: the switch does not start, and says so in one line', async () => {
    pbx.password = 'another';
    const refusal = await held.start(taken).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SwitchRefused);
    expect((refusal as Error).message).toMatch(/^127\.0\.0\.1:\d+ refused the event socket password$/);
    expect(pbx.connections).toBe(1);
  });

  it('takes the connection and says nothing: is left, and tried again', async () => {
    pbx.isSilent = true;
    const started = held.start(taken);
    await expect.poll(() => pbx.connections).toBe(1);
    pbx.isSilent = false;
    await started;
    expect(pbx.connections).toBe(2);
    expect(lines).toHaveLength(1);
  });

  const FAULTS: [string, Fault][] = [
    ['hangs up', 'reset'],
    ['does it and hangs up in its answer', 'reset-after'],
  ];
  const ALL_FAULTS: [string, Fault][] = [...FAULTS, ['does not answer', 'stall']]; // a stall takes five seconds

  it.each(ALL_FAULTS)('%s when the caller is hung up: is asked again, and the caller is let go', async (_, fault) => {
    const call = await arrive();
    pbx.fault('uuid_kill', fault);
    await call.hangup('normal');
    expect(await ended(call)).toBeInstanceOf(CallerGone);
    expect([pbx.channels.size, held.held]).toEqual([0, 0]);
    expect(pbx.connections).toBe(fault === 'stall' ? 1 : 2); // only the caller's own connection has stalled
  });

  it.each(['hangup', 'release'] as const)(
    'takes its time to end channels: a %s is over when none is left',
    async (how) => {
      const call = await arrive();
      await call.dial(LEG, SEAT).ringing;
      pbx.hangupMs = 200;
      await (how === 'hangup' ? call.hangup('normal') : call.release());
      expect([...pbx.channels.keys()]).toEqual(how === 'hangup' ? [] : ['caller']);
      expect(held.held).toBe(0);
    },
  );

  it.each(['hangup', 'release'] as const)(
    'never told that a caller hung up: a %s does not wait for it',
    async (how) => {
      const call = await arrive();
      pbx.channels.delete('caller');
      await (how === 'hangup' ? call.hangup('normal') : call.release());
      expect(await ended(call)).toBeInstanceOf(CallerGone);
    },
  );

  it.each(FAULTS)('%s when a leg is hung up: is asked again, and the phone stops ringing', async (_, fault) => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.fault('uuid_kill', fault);
    await leg.hangup();
    expect((await leg.ended).cause).toBe('cancelled');
    expect([...pbx.channels.keys()]).toEqual(['caller']);
  });

  it('is told when what an agent hears over the talk is over, also when that was said while nobody listened', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.answer(legId);
    await leg.outcome;
    expect(await leg.whisperOverTalk('why', ['missing']).ended).toBe('failed');
    const first = leg.whisperOverTalk('why', ['busy']);
    await expect.poll(() => pbx.mixed.get(legId)).toContain('busy');
    const second = leg.whisperOverTalk('why', ['busy']);
    expect(await first.ended).toBe('stopped');
    await expect.poll(() => pbx.mixed.size).toBe(1);
    pbx.cutOff();
    pbx.endMixed(legId);
    await reconnected();
    expect(await second.ended).toBe('done');
    const third = leg.whisperOverTalk('why', ['busy']);
    await leg.hangup();
    expect(await third.ended).toBe('stopped');
  });

  it.each(FAULTS)('%s when a caller is given back: goes to the fallback once', async (_, fault) => {
    const call = await arrive();
    pbx.fault('uuid_transfer', fault);
    await call.release();
    expect(await ended(call)).toBeInstanceOf(CallerGone);
    expect(pbx.released).toEqual(['caller']);
    expect(held.held).toBe(0);
  });

  it.each(ALL_FAULTS)('%s when a phone is dialled: it rings, once', async (_, fault) => {
    const call = await arrive();
    pbx.fault('originate', fault);
    const leg = call.dial(LEG, SEAT);
    await expect.poll(() => pbx.dialled.length, { timeout: 10_000 }).toBe(1);
    await reconnected();
    await delay(200);
    pbx.answer(legId);
    expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
    await leg.join();
    expect(pbx.channels.get('caller')?.bridgedWith).toBe(legId);
    expect(pbx.dialled).toHaveLength(1);
  });

  it.each(FAULTS)('%s when a call is answered and remembered: the latest gets there', async (_, fault) => {
    const call = await arrive();
    pbx.fault('uuid_answer', fault);
    pbx.fault('uuid_setvar', fault);
    await call.answer();
    void call.writeCheckpoint('first');
    await call.writeCheckpoint('second');
    expect(pbx.channels.get('caller')?.state).toBe('answered');
    expect(pbx.channels.get('caller')?.variables.get(MEMORY_VARIABLE)).toBe('second');
  });

  it.each(FAULTS)('%s when a prompt is begun: it is said once, and its end is told', async (_, fault) => {
    const call = await arrive();
    pbx.fault('sendmsg', fault);
    const playback = call.play('p', ['merged']);
    await expect.poll(() => pbx.channels.get('caller')?.queue.length, { timeout: 10_000 }).toBe(2);
    expect(pbx.channels.get('caller')?.queue.map(({ application }) => application)).toEqual(['playback', 'set']);
    pbx.endOf('caller');
    expect(await playback.ended).toBe('done');
  });

  it('ends a prompt while the answer to its beginning is lost: the end is found out', async () => {
    const call = await arrive();
    pbx.fault('sendmsg', 'reset-after');
    pbx.after('sendmsg', () => pbx.endOf('caller')); // told to nobody
    const playback = call.play('p', ['merged']);
    expect(await playback.ended).toBe('done');
    expect(timesAsked('sendmsg')).toBe(2); // the playback, and that it is over
  });

  it('loses an answer, an end of a prompt and a hang-up in a gap: each is found out', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    const playback = call.play('p', ['merged']);
    await leg.ringing;
    await expect.poll(() => pbx.channels.get('caller')?.queue.length).toBe(2);
    pbx.cutOff();
    pbx.answer(legId);
    pbx.endOf('caller');
    await reconnected();
    expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
    expect(await playback.ended).toBe('done');
    pbx.cutOff();
    pbx.hangup('caller');
    expect(await ended(call)).toMatchObject({ name: 'CallerGone', q850: 0 });
    await expect.poll(() => pbx.channels.size).toBe(0);
  });

  it('loses the end of a leg in a gap: it is found out, and the call lives on', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.cutOff();
    pbx.hangup(legId, 'NO_ANSWER');
    expect(await leg.ended).toEqual({ cause: 'no-answer', q850: 0 });
    expect(call.signal.aborted).toBe(false);
  });

  it('dies and comes back: its calls are told as lost by the PBX, not as hung up', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.restart();
    expect(await ended(call)).toMatchObject({ name: 'CallerGone', by: 'switch' });
    await call.hangup('normal');
    expect(held.held).toBe(0);
  });

  it('is away when all is asked at once: everything is done when it is back', async () => {
    const call = await arrive();
    pbx.isAway = true;
    pbx.cutOff();
    await expect.poll(() => held.connected).toBe(false);
    const leg = call.dial(LEG, SEAT);
    const playback = call.play('p', ['merged']);
    const all = Promise.all([call.answer(), call.writeCheckpoint('kept'), leg.ringing]);
    pbx.isAway = false;
    await all;
    await playback.stop();
    expect(await playback.ended).toBe('stopped');
    await call.hangup('normal');
    expect([pbx.channels.size, held.held]).toEqual([0, 0]);
  });

  it('does not come back: a stop does not wait for it', async () => {
    const call = await arrive();
    pbx.fault('uuid_kill', 'reset');
    pbx.isAway = true;
    const hungUp = call.hangup('normal');
    await expect.poll(() => held.connected).toBe(false);
    await held.stop();
    expect(await ended(call)).toBeInstanceOf(CallLetGo);
    await hungUp;
    expect([...pbx.channels.keys()]).toEqual(['caller']);
  });

  it('has a call not yet in its list when it is looked at after a gap: the call is not taken for gone', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.isListBehind = true;
    pbx.cutOff();
    await reconnected();
    await delay(500);
    expect(call.signal.aborted).toBe(false);
    expect([...pbx.channels.keys()]).toEqual(['caller', legId]);
  });

  describe('as TCP brings it', () => {
    const passes = async () => {
      const call = await arrive();
      await call.answer();
      call.present({ name: '12333 厦门', number: '05922001234', hotline: '12333', region: 'xiamen' });
      const leg = call.dial(LEG, SEAT);
      const playback = call.play('p', ['merged']);
      await leg.ringing;
      pbx.answer(legId);
      expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
      pbx.endOf('caller');
      expect(await playback.ended).toBe('done');
      await leg.join();
      await call.hangup('normal');
      expect([pbx.channels.size, pbx.connections, lines]).toEqual([0, 1, []]);
    };

    it.each([1, 2, 7, 100])('in pieces of %i bytes, in the middle of headers and of characters', async (size) => {
      pbx.cut = function* (bytes) {
        for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
      };
      await passes();
    });

    it('with answers and events in one segment, whichever is first', async () => {
      const call = await arrive();
      const leg = call.dial(LEG, SEAT);
      await leg.ringing;
      const other = call.dial('3.0.0.0', SEAT);
      await other.ringing;
      pbx.answer(legId); // its job and its parking go out with the answer to what is asked meanwhile
      const answered = call.answer();
      pbx.hangup(legChannelId('caller', '3.0.0.0'), 'USER_BUSY');
      await answered;
      expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
      expect(await other.outcome).toEqual({ cause: 'busy', q850: 17 });
      await leg.hangup(); // the event of the hang-up comes before the answer to the command
      expect((await leg.ended).cause).toBe('cancelled');
    });

    it('up to the middle of an event: what it would have told is found out', async () => {
      const call = await arrive();
      const leg = call.dial(LEG, SEAT);
      await leg.ringing;
      pbx.cutOff('Content-Length: 4000\nContent-Type: text/event-json\n\n{"Event-Name": "CHANNEL_PA');
      pbx.answer(legId);
      expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
      expect(lines.filter((line) => line.startsWith('lost the PBX'))).toHaveLength(1);
    });
  });

  it.each<[string, Fault]>([
    ['sends a header of 10 MB', 'flood'],
    ['sends half a JSON document', 'garbage'],
  ])('%s: the connection is closed with one line, opened again, and its calls live on', async (_, fault) => {
    const call = await arrive();
    const before = process.memoryUsage().rss;
    pbx.fault('originate', fault);
    await call.dial(LEG, SEAT).ringing;
    await reconnected();
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    expect(lines.filter((line) => line.startsWith('lost the PBX'))).toEqual([expect.stringMatching(/"it sent /)]);
    expect(call.signal.aborted).toBe(false);
    await call.hangup('normal');
    expect(pbx.channels.size).toBe(0);
  });

  it.each<[string, Fault]>([
    ['sends a header of 10 MB', 'flood'],
    ['sends half a JSON document', 'garbage'],
  ])('%s over a call’s own connection: that is closed with one line, and the call lives on', async (_, fault) => {
    const call = await arrive();
    pbx.fault('uuid_answer', fault);
    await call.answer();
    await call.writeCheckpoint('kept');
    expect(pbx.channels.get('caller')?.state).toBe('answered');
    expect(lines).toEqual([expect.stringMatching(/own connection of a call.*"it sent /)]);
    expect([pbx.connections, call.signal.aborted]).toEqual([1, false]);
    await call.hangup('normal');
    expect(pbx.channels.size).toBe(0);
  });

  it('cuts a call’s own connection: the call is commanded over the common one, and nothing is done twice', async () => {
    const call = await arrive();
    await call.answer();
    await pbx.cutOwn('caller');
    const playback = call.play('p', ['merged']);
    await expect.poll(() => pbx.channels.get('caller')?.queue.length).toBe(2);
    pbx.endOf('caller');
    expect(await playback.ended).toBe('done');
    await call.hangup('normal');
    expect([pbx.channels.size, pbx.connections]).toEqual([0, 1]);
  });

  it('sends a caller to the fallback behind our back: the session hears of it, and no phone rings on', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    const channel = pbx.channels.get('caller');
    if (channel !== undefined) channel.context = 'hotline-fallback-plans';
    await pbx.cutOwn('caller');
    expect(await ended(call)).toBeInstanceOf(CallLost);
    await call.release();
    expect([...pbx.channels.keys()]).toEqual(['caller']);
    expect(pbx.released).toEqual([]);
  });

  it('sends a caller to the fallback while we cannot hear: it is looked for when we can again', async () => {
    const call = await arrive();
    const channel = pbx.channels.get('caller');
    if (channel !== undefined) channel.context = 'hotline-fallback-plans';
    pbx.cutOff();
    expect(await ended(call)).toBeInstanceOf(CallLost);
  });

  it('obeys a release whose answer is lost: it is not asked again, whatever context the fallback has come to', async () => {
    const call = await arrive();
    pbx.after('uuid_transfer', () => {
      const channel = pbx.channels.get('caller');
      if (channel !== undefined) channel.context = 'hotline-fallback-plans';
    });
    pbx.fault('uuid_transfer', 'reset-after');
    await call.release();
    expect(pbx.released).toEqual(['caller']);
  });

  it('parks a caller: from then on our end costs no prompt', async () => {
    await arrive();
    const channel = pbx.channels.get('caller') as Channel;
    expect(channel.variables.get('socket_resume')).toBe('true');
    pbx.tellOf(channel, 'CHANNEL_PARK');
    await expect.poll(() => channel.variables.get('socket_resume'), { timeout: 300, interval: 10 }).toBeFalsy();
  });

  it('loses a call’s connection as we ask it to let the caller stay: it is not asked over another', async () => {
    await arrive();
    const channel = pbx.channels.get('caller') as Channel;
    pbx.fault('uuid_setvar', 'flood');
    pbx.tellOf(channel, 'CHANNEL_PARK');
    await delay(800);
    expect(channel.variables.get('socket_resume')).toBe('true');
  });

  it('lets a caller go on whom we refuse: no more, once a leg takes the caller', async () => {
    const call = await arrive();
    const variables = pbx.channels.get('caller')?.variables;
    expect(variables?.get('socket_resume')).toBe('true');
    const leg = call.dial(LEG, SEAT);
    await leg.ringing;
    pbx.after('sendmsg', () => expect(variables?.get('socket_resume')).toBeFalsy());
    pbx.answer(legId);
    await leg.join();
    expect(pbx.channels.get('caller')?.bridgedWith).toBe(legId);
    expect(variables?.get('socket_resume')).toBeFalsy();
  });

  it('tells of the end of every dialling: none is kept', async () => {
    await held.start(taken);
    const heapAfter = async (jobs: number): Promise<number> => {
      for (let job = 0; job < jobs; job += 1) {
        pbx.tell({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': `${jobs}-${job}`, _body: `-ERR ${'x'.repeat(5_000)}` });
        if (job % 50 === 0) await delay(1);
      }
      await delay(100);
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter(50);
    expect((await heapAfter(3_000)) - before).toBeLessThan(8 << 20); // all of it would be 15 MB
  });

  describe('with values that hold what the protocol is made of', () => {
    const ODD = 'a: b%20c%\n"d", {e} 厦门\u{1F4DE}';

    it('a caller’s number comes through whole', async () => {
      await held.start(taken);
      await pbx.enter('caller', port, { caller: ODD });
      expect((await taken.arrival()).arrival).toEqual({ dialled: '059212333', caller: ODD, trunk: 'exchange' });
    });

    it('a memory comes through whole, there and back', async () => {
      const call = await arrive();
      await call.writeCheckpoint(ODD);
      const written = pbx.channels.get('caller')?.variables.get(MEMORY_VARIABLE) ?? '';
      expect(decodeMemory(written)).toBe(ODD);
      await held.stop();
      held = newSwitch();
      await held.start(taken);
      expect((await taken.adoption()).memory).toBe(ODD);
    });

    it('a city and a percent sign reach the agent’s phone; nothing in a name is a variable or a line of its own', async () => {
      const call = await arrive();
      call.present({
        name: "12333: 100% 厦门\nJob-UUID: x',sip_h_X='y",
        number: '0592: 1%',
        hotline: '12333',
        region: '厦门',
      });
      await call.dial(LEG, SEAT).ringing;
      const [dialString] = pbx.dialled;
      expect(dialString).toContain("origination_caller_id_name='12333: 100% 厦门Job-UUID: xsip_h_X=y'");
      expect(dialString).toContain("origination_caller_id_number='0592: 1%'");
      expect(dialString).toContain("sip_h_X-Hotline-Region='厦门'");
    });

    it('an event’s cause and agent come through whole', async () => {
      const call = await arrive();
      const leg = call.dial(LEG, { kind: 'queue', queue: 'q', skill: undefined, waitSeconds: 9 });
      await leg.ringing;
      const agent = '坐席: 50% {1}';
      pbx.tell({
        'Event-Name': 'CUSTOM',
        'Unique-ID': legId,
        'CC-Action': 'bridge-agent-start',
        'CC-Agent': agent,
        'CC-Agent-UUID': 'x',
      });
      pbx.tell({ 'Event-Name': 'CHANNEL_BRIDGE', 'Unique-ID': 'far-half', variable_hotline_leg_uuid: legId });
      expect(await leg.outcome).toEqual({ answeredBy: agent });
    });
  });

  describe('whose callers wait in mod_fifo', () => {
    const QUEUE = { kind: 'queue', queue: '12345-xiamen', skill: undefined, waitSeconds: 60 } as const;

    beforeEach(() => {
      held = newSwitch('fifo');
    });

    it('is asked for its events; who is bridged has answered, by the id that members are written with', async () => {
      const call = await arrive();
      expect(pbx.wanted.split(' ').at(-1)).toBe('fifo::info');
      const leg = call.dial(LEG, QUEUE);
      await leg.ringing;
      expect(pbx.dialled[0]).toMatch(
        /fifo_orbit_exten='_continue_:65'.*\}loopback\/12345-xiamen\/hotline-fifo leg XML hotline-leg/,
      );
      const agent = { 'Unique-ID': 'agent', variable_hotline_leg_uuid: legId };
      const told = { ...agent, 'Event-Name': 'CUSTOM', 'FIFO-Consumer-Outbound-ID': '12345-xiamen-1' };
      pbx.tell({ ...told, 'FIFO-Action': 'channel-consumer-start' });
      pbx.tell({ ...agent, 'Event-Name': 'CHANNEL_BRIDGE' });
      await delay(30);
      expect(leg.isAnswered).toBe(false);
      pbx.tell({ ...told, 'FIFO-Action': 'bridge-consumer-start' });
      pbx.tell({ ...agent, 'Event-Name': 'CHANNEL_BRIDGE' });
      expect(await leg.outcome).toEqual({ answeredBy: '12345-xiamen-1' });
    });

    it.each([
      ['talks', 'TALKING', true],
      ['is still awaited', 'WAITING', false],
    ])('is found by the next controller with an agent who %s', async (_, fifo_status, isAnswered) => {
      pbx.add(legId, { other_loopback_leg_uuid: 'far-half' }, 'default').state = 'answered';
      pbx.add('far-half', { fifo_status, fifo_serviced_by: '12345-xiamen-1' }, 'hotline-fifo');
      pbx.add('caller', { hotline_memory: 'm', hotline_legs: LEG }, 'hotline-again');
      await held.start(taken);
      await pbx.handOver('caller', port);
      const [leg] = (await taken.adoption()).call.adoptedLegs;
      expect(leg?.isAnswered).toBe(isAnswered);
      if (isAnswered) expect(await leg?.outcome).toEqual({ answeredBy: '12345-xiamen-1' });
    });
  });

  describe('where its outbound sockets arrive', () => {
    beforeEach(() => held.start(taken));

    const handOver = async (): Promise<Call> => {
      await pbx.enter('caller', port);
      return taken.arrival();
    };

    const closedInOneLine = async (closed: Promise<unknown>, reason: RegExp) => {
      const call = await handOver(); // while the stranger is there
      expect(call.signal.aborted).toBe(false);
      await closed;
      await expect.poll(() => lines.length).toBe(1);
      expect(lines.at(-1)).toMatch(reason);
      await call.answer();
      await call.hangup('normal');
      expect(pbx.channels.size).toBe(0);
      expect(lines).toHaveLength(1);
    };

    it('somebody at an address that is no PBX of ours is closed with one line', async () => {
      const { closed } = await stranger(NOBODYS);
      await closedInOneLine(closed, /not a PBX of ours.*127\.0\.0\.3/);
    });

    it('somebody who says nothing is closed with one line, when the time is up', async () => {
      const { closed } = await stranger();
      await closedInOneLine(closed, /brought no call.*sent no channel in 5000 ms/);
    });

    it('somebody who sends a header of 10 MB is closed with one line', async () => {
      const before = process.memoryUsage().rss;
      const { socket, closed } = await stranger();
      flood(socket);
      await closedInOneLine(closed, /brought no call.*more than/);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    });

    it('somebody who is no FreeSWITCH is closed with one line, at once', async () => {
      const { socket, closed } = await stranger();
      socket.write('GET / HTTP/1.1\r\nHost: hotline\r\n\r\n\n\n');
      const since = performance.now();
      await closedInOneLine(closed, /brought no call.*/);
      expect(performance.now() - since).toBeLessThan(3_000);
    });

    it('somebody who goes again is closed with one line', async () => {
      const { socket, closed } = await stranger();
      socket.destroy();
      await closedInOneLine(closed, /brought no call.*closed the connection/);
    });
  });
});
