/** Callers whom nobody has any more, or who are sent to and fro: the 12345 queue, the supervisors, the apology. */
import { beforeEach, describe, expect, test } from 'vitest';
import { liveText, tableOf } from '../../routing/tables.ts';
import { PROMPT_MS } from '../trial.ts';
import { AGENT, OTHER_TARGET, QUEUE_AGENT, TARGET, talkForEach } from './talk.ts';

const BOSS = '12320-1';

const talk = talkForEach();

describe('an agent who hangs up before the caller has heard anybody', () => {
  beforeEach(() => {
    talk.trial.pbx.queues.set('12345-xiamen', [QUEUE_AGENT]);
    talk.answers(QUEUE_AGENT, 2_000);
  });

  const expectFallbackQueue = async () => {
    expect(talk.told.at(-1)).toMatch(/ failed hung-up$/);
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.pass(2_100);
    talk.expectTalk(QUEUE_AGENT);
  };

  describe('a caller whose agents both hang up at the end of a consultation goes to the fallback queue', () => {
    test.each([
      ['the one consulted first', [TARGET, AGENT]],
      ['the one who consults first', [AGENT, TARGET]],
    ])('%s', async (_, order) => {
      await talk.consult();
      for (const who of order) await talk.hangUp(who);
      await expectFallbackQueue();
    });

    test('both at once', async () => {
      await talk.consult();
      const legs = [talk.leg(TARGET), talk.leg(AGENT)];
      for (const leg of legs) leg.hangup();
      await talk.pass(100);
      await expectFallbackQueue();
    });

    test('though another controller takes the call over between the two', async () => {
      await talk.consult();
      await talk.hangUp(TARGET);
      await talk.takeOver();
      await talk.hangUp(AGENT);
      await expectFallbackQueue();
    });

    test('and missed, when the caller gives up meanwhile', async () => {
      await talk.consult();
      await talk.hangUp(TARGET);
      await talk.hangUp(AGENT);
      await talk.hangUp('caller');
      expect(talk.trial.last('missed')).toMatchObject({ reason: 'gave-up', callBack: true });
    });
  });

  test('a caller whose agent comes back, and hangs up while hearing why, goes to the fallback queue', async () => {
    for (const seat of [TARGET, '12348-2']) talk.does(seat, 'busy');
    talk.trial.pbx.prompts.set('whisper-hand-over-busy', 4_000);
    await talk.transfer('blind');
    await talk.pass(1_100);
    talk.expectTalk(AGENT);
    await talk.pass(3_500);
    await talk.hangUp(AGENT);
    await expectFallbackQueue();
  });

  test.each([0, 500])(
    'a call ends when the agent hangs up whom the caller has heard, %i ms taken over',
    async (awayMs) => {
      await talk.consult();
      await talk.hangUp(TARGET);
      if (awayMs > 0) await talk.takeOver(awayMs);
      await talk.pass(3_100);
      await talk.hangUp(AGENT);
      expect(talk.trial.last('ended')).toMatchObject({ by: 'agent' });
    },
  );
});

describe('a caller in the fallback queue whom the agent before takes back', () => {
  /** @param rescuedAfterMs when an agent of the queue answers, since the caller came into it. */
  const takeBackOutOfQueue = async (rescuedAfterMs: number): Promise<string> => {
    for (const phone of ['12348-1', '12348-2', AGENT]) talk.does(phone, 'busy');
    talk.trial.pbx.queues.set('12345-xiamen', [QUEUE_AGENT]);
    talk.answers(QUEUE_AGENT, rescuedAfterMs);
    await talk.transfer('blind');
    await talk.pass(1_000);
    expect(talk.requests.state.stage).toBe('rescue');
    const { id } = talk.leg(QUEUE_AGENT);
    talk.does(AGENT, 'ring');
    expect(await talk.ask({ do: 'pull-back' })).toMatchObject({ stage: 'return' });
    expect(talk.who).toEqual([QUEUE_AGENT, AGENT]);
    return id;
  };

  test('the agent answers: the queue lets the caller go', async () => {
    await takeBackOutOfQueue(60_000);
    talk.leg(AGENT).answer();
    await talk.pass(100);
    talk.expectTalk(AGENT);
    expect(talk.told.at(-1)).toBe('pull-back completed');
  });

  test('the agent does not answer: the caller waits on at the same place, and is not queued anew', async () => {
    const id = await takeBackOutOfQueue(40_000);
    await talk.pass(21_000);
    expect(talk.told.at(-1)).toBe('pull-back failed no-answer');
    expect(talk.leg(QUEUE_AGENT).id).toBe(id);
    await talk.pass(20_000);
    talk.expectTalk(QUEUE_AGENT);
    expect(talk.told.at(-1)).toBe('blind completed');
  });

  test('the queue is quicker than the agent, whose phone stops ringing', async () => {
    await takeBackOutOfQueue(5_000);
    await talk.pass(5_000);
    talk.expectTalk(QUEUE_AGENT);
    expect(talk.told.slice(-2)).toEqual(['pull-back failed no-answer', 'blind completed']);
  });

  test('whoever takes the call over meanwhile keeps both', async () => {
    const id = await takeBackOutOfQueue(8_000);
    await talk.takeOver();
    expect(talk.leg(QUEUE_AGENT).id).toBe(id);
    await talk.pass(8_000);
    talk.expectTalk(QUEUE_AGENT);
  });

  test('the agent’s own call takes the caller out of both', async () => {
    await takeBackOutOfQueue(60_000);
    talk.trial.pbx.placePhoneCall(AGENT, '*0');
    await talk.pass(100);
    talk.expectTalk(AGENT);
  });
});

describe('a caller who is sent to and fro', () => {
  /** The shipped table with a queue of supervisors, and a guard. */
  const supervised = (guard: string): string =>
    liveText
      .replace('\nqueues:\n', `\nqueues:\n  12345-supervisors:\n    label: 班长\n    members: [${BOSS}]\n`)
      .replace('\ntransfers:\n', `\n${guard}\n\ntransfers:\n`);

  const another = (text: string) => talk.beginAnew(tableOf(text));

  /** T and the agent, in turn; each takes the caller at once and sends the caller on. */
  const toAndFro = async (times: number, talkMs: number) => {
    talk.answers(TARGET, 100);
    talk.answers(AGENT, 100);
    for (let n = 0; n < times; n += 1) {
      const [from, to] = n % 2 === 0 ? ([AGENT, '12348'] as const) : ([TARGET, '12345'] as const);
      expect(await talk.ask({ do: 'transfer', kind: 'blind', to }, from)).not.toHaveProperty('refused');
      await talk.pass(200 + talkMs);
    }
  };

  test('goes to the 12345 queue with priority at the sixth hand-over, instead of on', async () => {
    await toAndFro(5, 1_000);
    talk.expectTalk(TARGET);
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 1_000);
    await talk.ask({ do: 'transfer', kind: 'attended', to: 'queue:12345-fuzhou' }, TARGET);
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.pass(1_000);
    talk.expectTalk('12345-xiamen-2');
    expect(talk.told.slice(-3)).toEqual(['attended asked', 'attended failed ping-pong', 'attended completed']);
  });

  test('is handed on as often as it takes when there is a minute of talk in between', async () => {
    await toAndFro(8, 60_000);
    expect(talk.told.filter((told) => told.includes('ping-pong'))).toEqual([]);
    talk.expectTalk(AGENT);
  });

  test('is handed on as often as the table says', async () => {
    await another(supervised('handOvers: { most: 2 }'));
    await toAndFro(2, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, AGENT);
    expect(talk.told.slice(-2)).toEqual(['blind asked', 'blind failed ping-pong']);
    expect(talk.trial.last('queued')).toMatchObject({ to: 'queue:12345-xiamen' });
  });

  describe('where the table names the supervisors', () => {
    const BOSSES = 'queue:12345-supervisors';
    beforeEach(async () => {
      await another(supervised(`handOvers: { most: 2, supervisors: ${BOSSES} }`));
      await toAndFro(2, 1_000);
      talk.answers(BOSS, 1_000);
      talk.answers('12345-xiamen-2', 1_000);
      talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    });
    const once = () => talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, AGENT);

    test('goes to their queue, and from there anywhere: the count begins anew', async () => {
      await once();
      expect(talk.hears('caller')).toEqual(['music']);
      await talk.pass(1_000);
      talk.expectTalk(BOSS);
      expect(talk.trial.last('answered')).toMatchObject({ to: BOSSES, agent: BOSS });
      await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, BOSS);
      await talk.pass(200);
      talk.expectTalk(TARGET);
      expect(talk.told.slice(-4)).toEqual([
        'blind failed ping-pong',
        'blind completed',
        'blind asked',
        'blind completed',
      ]);
    });

    test('and nobody of them answers: goes to the 12345 queue of the region', async () => {
      talk.does(BOSS, 'ring');
      await once();
      await talk.pass(120_000);
      await talk.pass(1_500);
      talk.expectTalk('12345-xiamen-2');
      const places = talk.trial.records.flatMap((each) => (each.type === 'queued' ? [each.to] : []));
      expect(places.slice(-2)).toEqual([BOSSES, 'queue:12345-xiamen']);
      expect(talk.told.slice(-3)).toEqual(['blind failed ping-pong', 'blind failed no-answer', 'blind completed']);
    });

    test('and nobody answers anywhere: hears the apology, and is on the list to be called back', async () => {
      talk.does(BOSS, 'ring');
      talk.does('12345-xiamen-2', 'ring');
      await once();
      await talk.pass(240_000);
      await talk.pass(PROMPT_MS + 500);
      expect(talk.caller.gone.signal.aborted).toBe(true);
      expect(talk.trial.last('missed').tried.slice(-2)).toEqual([BOSSES, 'queue:12345-xiamen']);
    });

    test('and the controller dies while their phones ring: the next one goes on to the 12345 queue all the same', async () => {
      talk.does(BOSS, 'ring');
      await once();
      await talk.pass(10_000);
      await talk.takeOver();
      await talk.pass(120_000);
      await talk.pass(1_500);
      talk.expectTalk('12345-xiamen-2');
    });
  });

  test('goes past supervisors who are not there at this time', async () => {
    const closed = supervised('handOvers: { most: 1, supervisors: queue:12345-supervisors }')
      .replace('label: 班长', 'label: 班长\n    hours: never-now')
      .replace('\nregions:\n', '\nhours:\n  never-now:\n    mon-sun: 03:00-03:01\n\nregions:\n');
    await another(closed);
    await toAndFro(1, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, TARGET);
    expect(talk.trial.last('queued')).toMatchObject({ to: 'queue:12345-xiamen' });
  });
});

test('a caller who is sent away in vain again and again has been sent to and fro', async () => {
  talk.does(TARGET, 'busy');
  talk.does(OTHER_TARGET, 'busy');
  talk.answers(AGENT, 100);
  for (let n = 0; n < 6; n += 1) {
    await talk.transfer('blind');
    await talk.pass(500);
  }
  expect(talk.told.filter((told) => told === 'blind returned busy')).toHaveLength(5);
  expect(talk.told.at(-2)).toBe('blind failed ping-pong');
});
