import { expect, test } from 'vitest';
import { finishTable, readTable } from '../../../src/routing/parse.ts';
import { liveText } from './tables.ts';

const problemsOf = (text: string) => finishTable(readTable({ file: 'routes.yaml', text }), undefined).problems;

test('numbers that no expectation calls are told in one line, all of them by name', () => {
  const bare = liveText.replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');
  const told = problemsOf(bare).filter(({ code }) => code === 'NO_EXPECTATION');
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toMatch(/^no expectation calls (?:\d{5}, ){31}\d{5}$/);
});

test('a skill that some queue has and another lacks is not answered by the very name that was written', () => {
  const text = `
regions: { xiamen: { name: 厦门, areaCode: "0592" }, fuzhou: { name: 福州, areaCode: "0591" } }
prompts: { busy: { text: 请稍后再拨。 } }
defaults: { apology: busy }
queues:
  12345-xiamen: { label: 厦门, members: [a1], skills: { "12329": [a2] } }
  12345-fuzhou: { label: 福州, members: [a3] }
numbers:
  "12329":
    unit: 公积金
    mode: merged
    connect: { to: "queue:12345-{region}", skill: "12329" }
`;
  const told = problemsOf(text).filter(({ code }) => code === 'UNKNOWN_SKILL');
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toContain('12345-fuzhou');
  expect(told[0]?.message).not.toContain('did you mean');
});
