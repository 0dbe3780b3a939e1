/** A controller inside the test, serving a test lab's PBX; its records are kept for looking at. */

import { createLogger } from '../../src/base/log.ts';
import { LiveCalls } from '../../src/calls/live-calls.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { connectAri } from '../../src/switch/asterisk/ari/library.ts';
import { AsteriskSwitch } from '../../src/switch/asterisk/switch.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../src/switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from '../../src/switch/freeswitch/switch.ts';
import type { AnyTestLab } from './test-lab.ts';

export interface TestController {
  readonly records: readonly CallRecord[];
  readonly live: LiveCalls;
  /** Channels and playbacks the switch still listens to. */
  held(): number;
  stop(): Promise<void>;
}

export async function startController({ table, switchSettings: settings }: AnyTestLab): Promise<TestController> {
  const records: CallRecord[] = [];
  const log = createLogger('silent');
  const emit = (record: CallRecord) => void records.push(record);
  const live = new LiveCalls({ tableFor: () => table, tableOf: async () => table, emit, now: Date.now, log });
  const held =
    settings.kind === 'asterisk'
      ? new AsteriskSwitch(settings, connectAri, log)
      : new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
  await held.start(live.takerFor(held.name));
  return { records, live, held: () => held.held, stop: () => held.stop() };
}
