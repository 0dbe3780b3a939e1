/** Handing a caller on, with real phones and real sound: whoever does what at whatever stage, nobody is left in silence. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentBehaviour } from '../../src/lab/exchange/agents.ts';
import { longestSilence } from '../../src/lab/sound/tones.ts';
import { readWave } from '../../src/prompts/wave.ts';
import { onEachPbx } from './each-pbx.ts';
import { type Service, startService } from './service.ts';
import { inSlots, OPERATOR, QUEUES, SLOTS, type Slot, Talk, type TalkParts, tokenOf } from './talk.ts';
import { type AnyTestLab, goodTable, impatientTableFile, leftoversOf, setPromptLength } from './test-lab.ts';

type Way = 'phone' | 'API';
const WAYS: readonly Way[] = ['phone', 'API'];
const KEYS = { blind: '*2', attended: '*3', 'three-way': '*4' } as const;
type Kind = keyof typeof KEYS;

const ANSWERS: AgentBehaviour = { do: 'answer', afterMs: 300 };
const FAILS: readonly (readonly [string, AgentBehaviour, string])[] = [
  ['is busy', { do: 'busy' }, 'busy'],
  ['does not answer', { do: 'ring' }, 'no-answer'],
  ['rejects', { do: 'reject' }, 'rejected'],
];

/** Two of the hand-overs by phone are REFERs; the others are keys. */
async function begin(talk: Talk, kind: Kind, way: Way): Promise<void> {
  const to = talk.slot.hotline;
  if (way === 'API') expect(await talk.ask('transfer', { to, kind, note: '请核实', workOrder: 'GD-1' })).toBe(200);
  else if (kind === 'blind') expect(await talk.phone(talk.o).refer(to)).toBe(200);
  else await talk.phone(talk.o).press(`${KEYS[kind]}${to}#`);
}

async function finish(talk: Talk, way: Way): Promise<void> {
  if (way === 'API') expect(await talk.ask('complete')).toBe(200);
  else await talk.phone(talk.o).press('*1');
}

async function consulting(talk: Talk, way: Way): Promise<void> {
  talk.seatsDo(ANSWERS);
  await begin(talk, 'attended', way);
  await talk.expectHeard(talk.o, [talk.t]);
  await talk.expectHeard(talk.t, [talk.o]);
  await talk.expectHeard('caller', ['music']);
}

async function together(talk: Talk, way: Way): Promise<void> {
  talk.seatsDo(ANSWERS);
  await begin(talk, 'three-way', way);
  await talk.expectTogether(talk.o, talk.t);
}

async function handedOn(talk: Talk): Promise<void> {
  talk.seatsDo(ANSWERS);
  await begin(talk, 'blind', 'API');
  await talk.expectTogether(talk.t);
}

/** Of all calls at once: what became of it, as a sentence; each resolves when its call is over. */
type Scenario = readonly [string, (talk: Talk) => Promise<void>];

const blind = (way: Way): readonly Scenario[] => [
  [
    'T answers: they talk',
    async (talk) => {
      talk.seatsDo({ do: 'answer', afterMs: 1_500 });
      await begin(talk, 'blind', way);
      await talk.expectHeard('caller', ['ringing']);
      await talk.expectTogether(talk.t);
      await talk.expectGone(talk.o);
      await talk.expectTold('completed');
      if (way === 'API')
        expect(await talk.phone(talk.t).headers()).toMatchObject({ workOrder: 'GD-1', note: '请核实' });
      talk.hangup();
    },
  ],
  ...FAILS.map(
    ([how, behaviour, reason]): Scenario => [
      `T ${how}: O's phone rings again, and O talks with the caller`,
      async (talk) => {
        talk.seatsDo(behaviour);
        await begin(talk, 'blind', way);
        await talk.expectTold(`returned ${reason}`);
        await talk.expectTogether(talk.o);
        talk.hangup();
      },
    ],
  ),
  [
    'T is busy and O is gone: the queue of the region takes the caller',
    async (talk) => {
      talk.seatsDo({ do: 'busy', afterMs: 500 });
      await begin(talk, 'blind', way);
      talk.does(talk.o, { do: 'busy' });
      talk.does(talk.o2, ANSWERS);
      await talk.expectTogether(talk.o2);
      talk.hangup();
    },
  ],
  [
    'T hangs up after the answer: the call ends',
    async (talk) => {
      talk.seatsDo(ANSWERS);
      await begin(talk, 'blind', way);
      await talk.expectTogether(talk.t);
      await talk.phone(talk.t).hangUp();
      expect((await talk.placed).endedBy).not.toBe('caller');
    },
  ],
  [
    "the caller hangs up while T's phone rings: it is let go",
    async (talk) => {
      talk.seatsDo({ do: 'ring' });
      await begin(talk, 'blind', way);
      await talk.expectHeard('caller', ['ringing']);
      talk.hangup();
      expect((await talk.placed).agents.filter(({ endedMs }) => endedMs === null)).toEqual([]);
    },
  ],
];

const attended = (way: Way): readonly Scenario[] => [
  [
    'T answers: O and T consult over music, then caller and T talk',
    async (talk) => {
      await consulting(talk, way);
      await finish(talk, way);
      await talk.expectTogether(talk.t);
      await talk.expectGone(talk.o);
      await talk.expectTold('completed');
      talk.hangup();
    },
  ],
  ...FAILS.map(
    ([how, behaviour, reason]): Scenario => [
      `T ${how}: O is back with the caller`,
      async (talk) => {
        talk.seatsDo(behaviour);
        await begin(talk, 'attended', way);
        await talk.expectTold(`returned ${reason}`);
        await talk.expectTogether(talk.o);
        talk.hangup();
      },
    ],
  ),
  [
    'T hangs up in the consultation: O is back with the caller',
    async (talk) => {
      await consulting(talk, way);
      await talk.phone(talk.t).hangUp();
      await talk.expectTogether(talk.o);
      await talk.expectTold('returned hung-up');
      talk.hangup();
    },
  ],
  [
    'O hangs up in the consultation: caller and T talk',
    async (talk) => {
      await consulting(talk, way);
      await talk.phone(talk.o).hangUp();
      await talk.expectTogether(talk.t);
      await talk.expectTold('completed');
      talk.hangup();
    },
  ],
  [
    'the caller hangs up in the consultation: both are let go',
    async (talk) => {
      await consulting(talk, way);
      talk.hangup();
      expect((await talk.placed).agents.filter(({ endedMs }) => endedMs === null)).toEqual([]);
    },
  ],
];

const threeWay = (way: Way): readonly Scenario[] => [
  [
    'T answers: all three talk, then O leaves',
    async (talk) => {
      await together(talk, way);
      await finish(talk, way);
      await talk.expectTogether(talk.t);
      await talk.expectGone(talk.o);
      await talk.expectTold('completed');
      talk.hangup();
    },
  ],
  ...FAILS.map(
    ([how, behaviour, reason]): Scenario => [
      `T ${how}: caller and O talk on`,
      async (talk) => {
        talk.seatsDo(behaviour);
        await begin(talk, 'three-way', way);
        await talk.expectTold(`failed ${reason}`);
        await talk.expectTogether(talk.o);
        talk.hangup();
      },
    ],
  ),
  [
    'T hangs up: caller and O talk on',
    async (talk) => {
      await together(talk, way);
      await talk.phone(talk.t).hangUp();
      await talk.expectTogether(talk.o);
      talk.hangup();
    },
  ],
  [
    'O hangs up: caller and T talk on',
    async (talk) => {
      await together(talk, way);
      await talk.phone(talk.o).hangUp();
      await talk.expectTogether(talk.t);
      await talk.expectTold('completed');
      talk.hangup();
    },
  ],
  [
    'the caller hangs up: both are let go',
    async (talk) => {
      await together(talk, way);
      talk.hangup();
      expect((await talk.placed).agents.filter(({ endedMs }) => endedMs === null)).toEqual([]);
    },
  ],
];

const takenBackByPhone: readonly Scenario[] = [
  [
    "O's phone calls *0: O has the caller again",
    async (talk) => {
      await handedOn(talk);
      const own = await talk.phone(talk.o).call('*0');
      expect(await own.answered).toBe(true);
      await talk.expectHeard('caller', [talk.o]);
      await talk.expectHeard(`own ${talk.o}`, ['caller']);
      await talk.expectGone(talk.t);
      talk.hangup();
    },
  ],
  [
    'O takes the caller back and hangs up: the call ends',
    async (talk) => {
      await handedOn(talk);
      const own = await talk.phone(talk.o).call('*0');
      await talk.expectHeard('caller', [talk.o]);
      await own.hangUp();
      expect((await talk.placed).endedBy).not.toBe('caller');
    },
  ],
  [
    'who has handed nobody on and calls *0 is refused',
    async (talk) => {
      const own = await talk.phone(talk.o).call('*0');
      await own.ended;
      await talk.expectTogether(talk.o);
      talk.hangup();
    },
  ],
];

const takenBackByApi: readonly Scenario[] = [
  [
    'O answers: O has the caller again, and T is let go',
    async (talk) => {
      await handedOn(talk);
      expect(await talk.ask('pull-back')).toBe(200);
      await talk.expectTogether(talk.o);
      await talk.expectGone(talk.t);
      talk.hangup();
    },
  ],
  ...FAILS.map(
    ([how, behaviour, reason]): Scenario => [
      `O ${how}: caller and T talk on`,
      async (talk) => {
        await handedOn(talk);
        talk.does(talk.o, behaviour);
        expect(await talk.ask('pull-back')).toBe(200);
        await talk.expectTold(`failed ${reason}`, 25_000); // O's phone rings for 20 s
        await talk.expectTogether(talk.t);
        talk.hangup();
      },
    ],
  ),
  [
    "T hangs up while O's phone rings: O has the caller",
    async (talk) => {
      await handedOn(talk);
      talk.does(talk.o, { do: 'answer', afterMs: 1_500 });
      expect(await talk.ask('pull-back')).toBe(200);
      await delay(300);
      await talk.phone(talk.t).hangUp();
      await talk.expectTogether(talk.o);
      talk.hangup();
    },
  ],
  [
    "the caller hangs up while O's phone rings: everybody is let go",
    async (talk) => {
      await handedOn(talk);
      talk.does(talk.o, { do: 'ring' });
      expect(await talk.ask('pull-back')).toBe(200);
      await delay(300);
      talk.hangup();
      expect((await talk.placed).agents.filter(({ endedMs }) => endedMs === null)).toEqual([]);
    },
  ],
];

/** What phones only can do: consult by a call of their own, and join the two by REFER with Replaces. */
const byOwnCall: readonly Scenario[] = [
  [
    'O consults T by a call of its own, the caller on hold, and hands over by REFER with Replaces',
    async (talk) => {
      talk.seatsDo(ANSWERS);
      const phone = talk.phone(talk.o);
      await phone.hold();
      await talk.expectHeard('caller', ['music']);
      const own = await phone.call(talk.slot.hotline);
      expect(await own.answered).toBe(true);
      await talk.expectHeard(`own ${talk.o}`, [talk.t]);
      await talk.expectHeard('caller', ['music']);
      expect(await phone.referToOwnCall()).toBe(200);
      await talk.expectTogether(talk.t);
      await talk.expectGone(talk.o);
      talk.hangup();
    },
  ],
  [
    'a supervisor listens unheard',
    async (talk) => {
      const supervisor = talk.slot.seats.at(-1) ?? '';
      talk.does(supervisor, ANSWERS);
      expect(await talk.ask('supervise', { as: 'listen', endpoint: supervisor }, OPERATOR)).toBe(200);
      await talk.expectHeard(supervisor, [talk.o, 'caller'].toSorted());
      await talk.expectTogether(talk.o);
      expect(await talk.ask('supervise', { as: 'whisper', endpoint: supervisor }, OPERATOR)).toBe(200);
      await talk.expectHeard(talk.o, ['caller', supervisor].toSorted());
      await talk.expectHeard('caller', [talk.o]);
      talk.hangup();
    },
  ],
  [
    'O holds the caller, resumes, and is muted',
    async (talk) => {
      await talk.phone(talk.o).press('*6');
      await talk.expectHeard('caller', ['music']);
      expect(await talk.ask('resume')).toBe(200);
      await talk.expectTogether(talk.o);
      expect(await talk.ask('mute')).toBe(200);
      await talk.expectHeard('caller', []);
      await talk.expectHeard(talk.o, ['caller']);
      talk.hangup();
    },
  ],
];

const MATRIX: readonly (readonly [string, readonly Scenario[]])[] = [
  ...WAYS.flatMap((way) => [
    [`a blind transfer by ${way}`, blind(way)] as const,
    [`an attended transfer by ${way}`, attended(way)] as const,
    [`a three-way call by ${way}`, threeWay(way)] as const,
  ]),
  ['a pull-back by phone', takenBackByPhone],
  ['a pull-back by API', takenBackByApi],
  ['beside the four', byOwnCall],
];

/** Never dialled, whatever is sent. */
const HOSTILE = [
  '059112345678',
  '16800001111',
  '0085212345678',
  '12348000',
  '12348;phone-context=+86',
  'sip:12348%40evil.example@127.0.0.1',
  'sip:12348%0d%0aX-Evil%3a1@127.0.0.1',
  'sip:059112345678@192.0.2.1:5060',
  'seats:12315',
  'queue:12345-xiamen',
  "12348' OR '1'='1",
  '',
] as const;

/** At so many of the stages at which the controller is killed, the first, a phone rings. */
const RING = 2;
/** By then a phone that was asked for rings, on a loaded machine too. */
const RINGS_AFTER_MS = 500;

onEachPbx('a caller who is handed on', (openLab) => {
  let testLab: AnyTestLab;
  let service: Service;
  let parts: TalkParts;
  let outcomes: ReadonlyMap<string, Promise<void>>;

  const runAll = (): void => {
    const named = MATRIX.flatMap(([group, scenarios]) =>
      scenarios.map(([name, work]) => [`${group}: ${name}`, work] as const),
    );
    const running = inSlots(
      named.map(([, work]) => async (slot: Slot) => {
        const talk = await Talk.begin(parts, slot);
        try {
          await work(talk);
        } finally {
          talk.hangup();
          await talk.placed;
        }
      }),
    );
    for (const each of running) each.catch(() => undefined); // told where it is awaited
    outcomes = new Map(named.map(([name], i) => [name, running[i] as Promise<void>]));
  };

  beforeAll(async () => {
    const table = await impatientTableFile(3, 20);
    testLab = await openLab(await goodTable(table));
    await setPromptLength(testLab.lab, 'merged', 1);
    const agents = QUEUES.flatMap(({ region }) => [`12345-${region}-1`, `12345-${region}-2`]);
    const tokens = [
      ...agents.map((endpoint) => ({ name: endpoint, role: 'agent', endpoint, token: tokenOf(endpoint) })),
      { name: 'lead', role: 'supervisor', token: OPERATOR },
    ];
    service = await startService(testLab, {
      table,
      http: { port: 0, tokens, limits: { perMinute: 6_000, changesPerMinute: 6_000 } },
    });
    parts = {
      exchange: testLab.lab.exchange,
      service: () => service,
      look: async () => (await leftoversOf(testLab.lab)).join('\n'),
    };
    testLab.lab.exchange.setAgents({ do: 'busy' });
    runAll();
  });

  afterAll(async () => {
    await service?.stop();
    await testLab?.lab.stop();
  });

  const expectNothingLeft = async (): Promise<void> => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => service.calls(), { timeout: 5_000 }).toBe(0);
  };

  describe.each(MATRIX)('%s', (group, scenarios) => {
    it.each(scenarios.map(([name]) => name))('%s', { timeout: 180_000 }, async (name) => {
      await outcomes.get(`${group}: ${name}`);
    });
  });

  it('leaves no channel and no bridge behind', { timeout: 180_000 }, async () => {
    await Promise.allSettled(outcomes.values());
    await expectNothingLeft();
  });

  it('goes on at each stage of an attended transfer when the controller is killed and started again', {
    timeout: 90_000,
  }, async () => {
    const stages: readonly ((talk: Talk) => Promise<() => Promise<void>>)[] = [
      async (talk) => {
        talk.seatsDo({ do: 'answer', afterMs: 4_000 });
        await begin(talk, 'attended', 'API');
        return async () => {
          await talk.expectHeard(talk.o, [talk.t]);
          await finish(talk, 'API');
          await talk.expectTogether(talk.t);
        };
      },
      async (talk) => {
        talk.seatsDo({ do: 'busy', afterMs: 3_000 });
        await begin(talk, 'attended', 'API'); // a phone is silent while it sends keys
        return () => talk.expectTogether(talk.o);
      },
      async (talk) => {
        await consulting(talk, 'API');
        return async () => {
          await finish(talk, 'API');
          await talk.expectTogether(talk.t);
        };
      },
      async (talk) => {
        await consulting(talk, 'API');
        return async () => {
          await talk.phone(talk.o).hangUp();
          await talk.expectTogether(talk.t);
        };
      },
      async (talk) => {
        await consulting(talk, 'API');
        await finish(talk, 'API');
        return () => talk.expectTogether(talk.t);
      },
    ];
    const talks = await Promise.all(
      SLOTS.slice(0, stages.length).map((slot) => Talk.begin(parts, slot, { record: true })),
    );
    const beginSome = (which: (i: number) => boolean) =>
      Promise.all(talks.map((talk, i) => (which(i) ? stages[i]?.(talk) : undefined)));
    const consult = await beginSome((i) => i >= RING);
    const ringing = await beginSome((i) => i < RING); // last, for a phone that rings too long before the kill has had its turn
    await delay(RINGS_AFTER_MS);
    const goOn = talks.map((_, i) => (i < RING ? ringing[i] : consult[i]));
    await service.killAndRestart();
    await Promise.all(goOn.map((each) => each?.())).finally(() => {
      for (const talk of talks) talk.hangup();
    });
    for (const [i, talk] of talks.entries()) {
      const { recording, timeline } = await talk.placed;
      const { wave } = readWave(await readFile(recording?.file ?? ''));
      const answered = timeline.find(({ event }) => event === `${talk.o} answers`)?.atMs ?? 0;
      const fromMs = answered - (recording?.fromMs ?? 0) + 1_500; // the prompt's last second
      expect(longestSilence(wave?.samples ?? new Int16Array(), fromMs), `silence of call ${i}`).toBeLessThan(300);
    }
    await expectNothingLeft();
  });

  it('reaches the emergency duty phone by transfer, and in no other way', async () => {
    const [slot = SLOTS[0] as Slot] = SLOTS;
    const refused = await testLab.lab.exchange.placeCall({ dialled: '12350-duty', record: false, limitMs: 10_000 });
    expect(refused.agents).toEqual([]);
    expect(refused.answeredMs).toBeNull();
    const talk = await Talk.begin(parts, slot);
    talk.does('12350-duty-1', ANSWERS);
    expect(await talk.ask('transfer', { to: '12350', kind: 'blind' })).toBe(200);
    await talk.expectTogether('12350-duty-1');
    talk.hangup();
    await talk.placed;
  });

  // FreeSWITCH says nothing of a REFER whose Refer-To it cannot read: the phone gives up within a minute.
  it('dials nothing for a REFER to what the table does not have', { timeout: 100_000 }, async () => {
    const talks = await Promise.all(SLOTS.map((slot) => Talk.begin(parts, slot)));
    await Promise.all(
      talks.map(async (talk, i) => {
        for (const target of HOSTILE.filter((_, n) => n % talks.length === i)) {
          expect(await talk.phone(talk.o).refer(target)).toBeGreaterThanOrEqual(400);
          await talk.expectTogether(talk.o);
        }
        talk.hangup();
        expect((await talk.placed).agents.map(({ phone }) => phone).filter((phone) => phone !== talk.o2)).toEqual([
          talk.o,
        ]);
      }),
    );
    await expectNothingLeft();
  });

  it('ends twenty transfers at once of calls that share two seats in one state each', {
    timeout: 120_000,
  }, async () => {
    const seats = ['12348-1', '12348-2'];
    const first = await Promise.all(QUEUES.map((slot) => Talk.begin(parts, slot)));
    const talks = [...first, ...(await Promise.all(QUEUES.map((slot) => Talk.begin(parts, slot, { second: true }))))];
    expect(talks).toHaveLength(20);
    for (const seat of seats) {
      testLab.lab.exchange.setAgent(seat, { do: 'answer', afterMs: 300, oneAtATime: true });
    }
    const kinds = ['blind', 'attended', 'three-way'] as const;
    const asked = await Promise.all(
      talks.map((talk, i) => talk.ask('transfer', { to: '12348', kind: kinds[i % 3] as Kind })),
    );
    expect(asked).toEqual(talks.map(() => 200));
    const others = await Promise.all(talks.map((talk) => talk.settledWith(seats)));
    const handedOn = others.flat().filter((who) => seats.includes(who));
    expect(new Set(handedOn).size).toBe(handedOn.length); // nobody talks to two callers
    expect(handedOn.length).toBeGreaterThan(0);
    for (const talk of talks) talk.hangup();
    await Promise.all(talks.map(({ placed }) => placed));
    await expectNothingLeft();
  });
});
