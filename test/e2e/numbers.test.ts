/** Every number and every rule of the table, called on the real PBX: what each expectation says is heard and reached. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CallReport, callAndReport } from '../../src/lab/report.ts';
import type { Expectation } from '../../src/routing/table.ts';
import { startController, type TestController } from './controller.ts';
import { onEachPbx } from './each-pbx.ts';
import { type AnyTestLab, goodTable, leftoversOf } from './test-lab.ts';

/** As many calls at once as leave the machine time to record each without gaps. */
const AT_ONCE = 6;

const table = await goodTable();

const title = ({ call, expect: expected }: Expectation): string => {
  const over = call.trunk === undefined ? '' : ` over ${call.trunk}`;
  const places = expected.connect.map(({ to, skill }) => (skill === undefined ? to : `${to} skill ${skill}`));
  return `${call.to} from ${call.from ?? 'nowhere known'}${over} hears ${expected.prompt ?? 'no prompt'} and reaches ${places[0]}`;
};

onEachPbx('each call the table expects', (openLab) => {
  let testLab: AnyTestLab;
  let controller: TestController;
  const reports = new Map<Expectation, Promise<CallReport>>();

  /** Calls run ahead of the tests that look at them, a few at a time, in the table's order. */
  const placeAll = (): void => {
    const free = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    for (const [index, expectation] of table.expectations.entries()) {
      const { to: dialled, trunk } = expectation.call;
      const from = expectation.call.from ?? `139${String(index).padStart(8, '0')}`; // a mobile that tells no region
      const options = { dialled, from, ...(trunk !== undefined && { trunk }) };
      const report = (free[index % AT_ONCE] as Promise<void>).then(() => callAndReport(testLab.lab, table, options));
      free[index % AT_ONCE] = report.then(
        () => undefined,
        () => undefined,
      );
      reports.set(expectation, report);
    }
  };

  beforeAll(async () => {
    testLab = await openLab(table);
    controller = await startController(testLab);
    placeAll();
  });

  afterAll(async () => {
    await controller?.stop();
    await testLab?.lab.stop();
  });

  it('covers every number and every rule', () => {
    const rules = [...table.numbers.values()].flatMap(({ number, rules: all }) =>
      all.map((_, i) => `${number}#${i + 1}`),
    );
    const tried = table.expectations.map(({ call, expect: expected }) => [call, expected]);
    expect(table.numbers.size).toBe(32);
    expect(tried.length).toBeGreaterThanOrEqual(rules.length);
  });

  it.each(table.expectations.map((each) => [title(each), each] as const))(
    '%s',
    { timeout: 240_000 },
    async (_, expectation) => {
      const report = (await reports.get(expectation)) as CallReport;
      const { prompt, connect } = expectation.expect;
      expect(report.reached).toBe(connect[0]?.to);
      const prompts = prompt === null ? [] : [prompt];
      expect(report.heard.map((heard) => heard.prompt)).toEqual(prompts);
      for (const { match } of report.heard) expect(match).toBeGreaterThan(0.8);
      expect(report.agentSaw?.hotline).toBe(report.number);
      expect(report.agentSaw?.name).toContain(report.number);
    },
  );

  it('leaves nothing behind', async () => {
    await Promise.allSettled(reports.values());
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 5_000 }).toEqual([]);
    expect(controller.live.count).toBe(0);
    expect(controller.held()).toBe(0);
  });
});
