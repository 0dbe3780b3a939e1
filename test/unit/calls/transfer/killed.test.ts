/** A controller that is killed in the middle of a request: no number is ever told of two things. */
import { expect, test } from 'vitest';
import { pass } from '../trial.ts';
import { AGENT, talkForEach } from './talk.ts';

const talk = talkForEach({ prepare: (begun) => begun.does('12348-1', 'ring'), endsWhole: false });

/** The controller dies in the middle of a request: before the PBX has written what it was to remember, or just after. */
const dieDuring = async (to: string, isWritten: boolean, key = 'k'): Promise<void> => {
  await talk.takeOver();
  const [session] = talk.controller.live.sessions;
  if (session === undefined) throw new Error('no call');
  const remember = session.call.writeCheckpoint.bind(session.call);
  let hasWritten = false;
  session.call.writeCheckpoint = async (memory) => {
    if (isWritten && !hasWritten) await remember(memory);
    hasWritten = true;
    await new Promise(() => undefined);
  };
  const asker = { by: AGENT, via: 'api', as: { endpoint: AGENT }, key } as const;
  void talk.requests.ask({ do: 'transfer', kind: 'attended', to }, asker);
  await pass(0);
  await talk.takeOver();
};

test.each([
  ['that is done', '12348'],
  ['that is refused', '99999'],
])('killed during a request %s, before it is remembered: nothing of it was told', async (_, to) => {
  await dieDuring(to, false);
  await talk.transfer('three-way', '12348');
  expect(talk.told).toEqual(['three-way asked']);
  await talk.end();
});

test.each([
  ['that is done', '12348'],
  ['that is refused', '99999'],
])('killed during a request %s, just after it is remembered: its number is given to nothing else', async (_, to) => {
  await dieDuring(to, true);
  await talk.hangUp('caller');
  const numbers = talk.trial.records.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)]);
  expect(numbers.at(-1)).toBe(numbers.length); // one is missing, and its number shows it
});

test('killed during a request under a key, as soon as anything of it is remembered: asked again, it is not done again', async () => {
  await dieDuring('12348', true, 'once');
  const again = await talk.ask({ do: 'transfer', kind: 'attended', to: '12348' }, AGENT, { key: 'once' });
  expect(again).toEqual({ stage: 'attended', to: 'seats:12348' });
  expect(talk.told).toEqual([]); // neither refused nor asked
});
