/** A controller inside the test, serving a test lab's PBX; its records are kept for looking at. */
import { LiveCalls } from '../../src/calls/live-calls.ts';
import type { CallRecord } from '../../src/feed/record.ts';
import { createLogger } from '../../src/log.ts';
import { connectAri } from '../../src/switch/asterisk/ari-client.ts';
import { AsteriskSwitch } from '../../src/switch/asterisk/switch.ts';
import type { TestLab } from './test-lab.ts';

export interface TestController {
  readonly records: readonly CallRecord[];
  readonly live: LiveCalls;
  /** Channels and playbacks the switch still listens to. */
  held(): number;
  stop(): Promise<void>;
}

export async function startController({ table, switchSettings }: TestLab): Promise<TestController> {
  const records: CallRecord[] = [];
  const log = createLogger('silent');
  const live = new LiveCalls({ table: () => table, emit: (record) => records.push(record), now: Date.now, log });
  const asterisk = new AsteriskSwitch(switchSettings, connectAri, log);
  await asterisk.start(live.takerFor(asterisk.name));
  return { records, live, held: () => asterisk.held, stop: () => asterisk.stop() };
}
