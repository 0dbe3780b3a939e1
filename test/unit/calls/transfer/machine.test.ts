/** The table of docs/transfers.md and the machine say the same; and whatever happens, no leg is forgotten. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audioPlanOf, roleOfRinging } from '../../../../src/calls/transfer/audio.ts';
import { type Event, transition } from '../../../../src/calls/transfer/machine.ts';
import {
  type Asked,
  partyLegs,
  ringingLegs,
  type TransferState,
  talkWith,
  transferStateShape,
} from '../../../../src/calls/transfer/state.ts';
import type { WaysOut } from '../../../../src/routing/transfers.ts';
import { AGENT, ORIGIN, OTHER_TARGET, TARGET, talkForEach } from './talk.ts';

const FALLBACK_QUEUE = 'queue:12345-xiamen';

const SUPERVISORS = 'queue:12345-supervisors';

const WAYS: WaysOut = { fallbackQueue: FALLBACK_QUEUE, mostTransfers: 5, supervisors: SUPERVISORS };

const NO_WAY: WaysOut = { fallbackQueue: undefined, mostTransfers: 5, supervisors: undefined };

const origin = { leg: 'o', to: 'queue:12345-xiamen', agent: 'phone-o' } as const;

const target = { leg: 't', to: 'seats:12348', agent: 'phone-t' } as const;

const asked: Asked = { kind: 'attended', from: origin.to, to: target.to, by: 'phone-o', via: 'phone' };

const ring = { round: 0, legs: ['t', 't2'] };

const talk = talkWith(origin, 0);

const { stage: _, held: __, ...kept } = talk;

const ROWS: Readonly<Record<string, TransferState>> = {
  talk,
  'talk, on hold': { ...talk, held: true },
  'talk, not heard yet': { ...talk, unheard: true },
  blind: { ...kept, stage: 'blind', asked, ring, wayBack: true },
  'blind, no way back': { ...kept, stage: 'blind', asked, ring, wayBack: false },
  return: { ...kept, stage: 'return', asked, reason: 'busy', ring },
  'rescue, with the supervisors': {
    ...kept,
    stage: 'rescue',
    asked: { ...asked, to: SUPERVISORS },
    isSupervised: true,
    ring,
  },
  rescue: { ...kept, stage: 'rescue', asked, ring },
  attended: { ...kept, stage: 'attended', asked, ring },
  consult: { ...kept, stage: 'consult', asked, target },
  joining: { ...kept, stage: 'joining', asked, ring },
  together: { ...kept, stage: 'together', asked, target },
  'pull-back': {
    ...kept,
    stage: 'pull-back',
    origin: { ...origin, leg: '' },
    asked: { ...asked, kind: 'pull-back' },
    target,
    ring: { round: 0, legs: ['o2'] },
  },
  sorry: { ...kept, stage: 'sorry' },
};

const COLUMNS: Readonly<Record<string, (state: TransferState) => Event>> = {
  'who rings answers': (state) => ({ is: 'answered', leg: ringingLegs(state)[0] ?? 'nobody', agent: null, at: 1 }),
  'who rings does not': () => ({ is: 'unanswered', cause: 'busy' }),
  'target hangs up': () => ({ is: 'gone', leg: 't', at: 1 }),
  'transferor hangs up': () => ({ is: 'gone', leg: 'o', at: 1 }),
  'transferor comes back': () => ({ is: 'return', leg: 'o', at: 1 }),
  'transferor completes': () => ({ is: 'complete', leg: 'o', at: 1 }),
};

const docs = readFileSync(join(import.meta.dirname, '../../../../docs/transfers.md'), 'utf8');

const [, section = ''] = docs.split('| stage | who rings answers |');

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const documented = section
  .split('\n\n')[0]
  ?.split('\n')
  .slice(2)
  .map(cellsOf)
  .map(([name = '', ...cells]) => ({ name: name.replaceAll('`', '').replace(/:.*/, ''), cells }));

const inCode = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** The stage the call is at then, and what is told; nothing where nothing has changed. */
const outcome = (state: TransferState, event: Event): string[] => {
  const { state: next, effects } = transition(state, event, WAYS);
  const told = effects.flatMap((effect) => (effect.do === 'tell' ? [effect.stage] : []));
  if (effects.some((effect) => effect.do === 'end')) return ['end'];
  return next.stage === state.stage && told.length === 0 ? [] : [next.stage, ...told];
};

describe('the table of docs/transfers.md', () => {
  test('has every stage there is', () => {
    expect(documented?.map(({ name }) => name)).toEqual(Object.keys(ROWS));
    const stages = transferStateShape.options.map(({ shape }) => shape.stage.value);
    expect(new Set(Object.values(ROWS).map((state) => state.stage))).toEqual(new Set(stages));
  });

  const cases = (documented ?? []).flatMap(({ name, cells }) =>
    Object.keys(COLUMNS).map((column, index) => [name, column, cells[index] ?? ''] as const),
  );

  test.each(cases)('%s, %s: %s', (name, column, cell) => {
    const state = ROWS[name];
    const eventOf = COLUMNS[column];
    if (state === undefined || eventOf === undefined) throw new Error(`no ${name}, ${column}`);
    const expected = cell === 'the call ends' ? ['end'] : inCode(cell);
    expect(outcome(state, eventOf(state))).toEqual(expected);
    const { state: next } = transition(state, eventOf(state), WAYS);
    if (cell.includes('with target')) expect(next).toMatchObject({ stage: 'talk', origin: { to: target.to } });
    if (cell.includes('with transferor')) expect(next).toMatchObject({ stage: 'talk', origin: { to: origin.to } });
    if (cell.includes('no way back')) expect(next).toMatchObject({ wayBack: false });
    const isWhispered = transition(state, eventOf(state), WAYS).effects.some((effect) => effect.do === 'whisper');
    if (cell.includes('who hears why')) expect(isWhispered).toBe(true);
  });
});

test('without a fallback queue, the caller hears the apology', () => {
  expect(transition(ROWS.return as TransferState, { is: 'unanswered', cause: 'busy' }, NO_WAY)).toMatchObject({
    state: { stage: 'sorry' },
    effects: [{ do: 'tell', stage: 'failed' }, { do: 'apologise' }],
  });
});

/** Every leg a state knows. */
const legsOf = (state: TransferState): string[] => [
  ...partyLegs(state),
  ...ringingLegs(state),
  ...(state.supervisor ? [state.supervisor.leg] : []),
];

let made = 0;

const newLeg = (): string => {
  made += 1;
  return `n${made}`;
};

/** An event that may come at this stage, of legs that are there; or of any other leg. */
const eventFor = (state: TransferState, what: number, which: number): Event => {
  const there = [...legsOf(state), 'stranger'];
  const leg = there[which % there.length] ?? '';
  const common = { by: 'x', via: 'api', at: which * 1_000 } as const;
  const kinds = ['blind', 'attended', 'three-way'] as const;
  const ask = { is: 'asked', leg, kind: kinds[which % 3] ?? 'blind', to: target.to, ...common } as const;
  const events: readonly Event[] = [
    ask,
    { ...ask, leg: state.origin.leg },
    { ...ask, leg: state.origin.leg, kind: 'attended', consultation: newLeg() },
    { is: 'complete', leg, at: 1 },
    { is: 'return', leg, at: 1 },
    { is: 'hold', leg, at: 1 },
    { is: 'resume', leg, at: 1 },
    { is: 'mute', leg, at: 1 },
    { is: 'unmute', leg, at: 1 },
    { is: 'pull-back', agent: null, ...common },
    { is: 'pull-back', agent: 'phone-o', leg: newLeg(), ...common },
    {
      is: 'supervise',
      leg: newLeg(),
      as: (['listen', 'whisper', 'barge'] as const)[which % 3] ?? 'listen',
      endpoint: 's',
    },
    { is: 'supervising' },
    { is: 'rings', round: which % 3, legs: [newLeg(), newLeg()] },
    { is: 'answered', leg: ringingLegs(state)[0] ?? leg, agent: 'phone-t', at: which * 1_000 },
    { is: 'unanswered', cause: 'no-answer' },
    { is: 'gone', leg, at: which * 1_000 },
    { is: 'heard', leg },
  ];
  return events[what % events.length] ?? { is: 'supervising' };
};

describe('whatever happens, in any order', () => {
  test('the state stays in shape, no leg is forgotten, and the caller always has somebody or something to hear', () => {
    const pairs = fc.array(fc.tuple(fc.nat(17), fc.nat(200)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(pairs, (happens) => {
        let state: TransferState = talk;
        for (const [what, which] of happens) {
          const event = eventFor(state, what, which);
          const { state: next, effects, refused } = transition(state, event, WAYS);
          if (refused !== undefined) expect(next).toBe(state);
          expect(transferStateShape.parse(next)).toEqual(next);
          const letGo = effects.flatMap((effect) =>
            effect.do === 'hang-up' ? effect.legs : effect.do === 'dismiss' ? [effect.leg] : [],
          );
          const over = effects.some((effect) => effect.do === 'end');
          const ended = event.is === 'gone' ? [event.leg] : [];
          // Legs of a round that is over have ended; when one answers, the others were hung up by who rang them.
          const round =
            event.is === 'unanswered' || event.is === 'rings' || event.is === 'answered' ? ringingLegs(state) : [];
          for (const leg of over ? [] : legsOf(state)) {
            expect([...legsOf(next), ...letGo, ...ended, ...round]).toContain(leg);
          }
          for (const leg of over ? [] : ended) expect(partyLegs(next)).not.toContain(leg);
          const { legs, waitTone: meanwhile } = audioPlanOf(next);
          expect(Object.values(legs).includes('with-caller') || ['ringing', 'music'].includes(meanwhile)).toBe(true);
          if (over) return;
          state = next;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a leg that nobody waits for', () => {
  test('and that answers is hung up', () => {
    const state = talkWith({ leg: 'o', to: 'queue:12345-xiamen', agent: AGENT }, 0);
    const answered = { is: 'answered', leg: 'late', agent: TARGET, at: 1 } as const;
    expect(transition(state, answered, { fallbackQueue: undefined, mostTransfers: 5, supervisors: undefined })).toEqual(
      {
        state,
        effects: [{ do: 'hang-up', legs: ['late'] }],
      },
    );
  });
});

describe('a call of three', () => {
  const talk = talkForEach();

  test('a queue that rings for a call of three is heard by nobody until its agent is there', async () => {
    talk.does(TARGET, 'ring');
    talk.does(OTHER_TARGET, 'ring');
    await talk.transfer('three-way');
    const { state } = talk.requests;
    if (state.stage !== 'joining') throw new Error(state.stage);
    expect(roleOfRinging(state)).toBe('with-caller');
    const asked = { ...state.asked, to: ORIGIN } as const;
    const queue = { ...state, asked, ring: { round: 0, legs: ['q'] } };
    expect(audioPlanOf(queue).legs).toMatchObject({ q: 'apart', [state.origin.leg]: 'with-caller' });
    const { ring: _, ...rest } = queue;
    const together = { ...rest, stage: 'together', target: { leg: 'q', to: ORIGIN, agent: TARGET } } as const;
    expect(audioPlanOf(together).legs).toMatchObject({ q: 'with-caller' });
    expect(roleOfRinging({ ...queue, stage: 'blind', wayBack: true })).toBe('with-caller');
  });
});
