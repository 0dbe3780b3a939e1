/**
 * Records a call's talk where the table says so of whom the caller talks to. One file for each stretch: a caller transferred
 * between destinations that record stays in one file; one that does not record ends it, and the next that does begins
 * another. Whatever fails is told and alarmed, and costs the call nothing.
 *
 *   silent ──talking to one that records──▶ recording ──not talking, or to one that does not record──▶ silent
 *     ▲                                        └──the PBX could not write it──▶ failed (told) ──┐
 *     └───────────────────────────────────────────────────────────────────────────────────────┘
 */

import type { Logger } from '../base/log.ts';
import { recordingFile, recordingName } from '../recordings/file-name.ts';
import type { RecordFields } from '../records/record.ts';
import { type DestinationId, isRecorded, type Table } from '../routing/table.ts';
import { type Call, CallLetGo, type Recording, type RecordingEnd } from '../switch/port.ts';
import type { CallLog } from './call-log.ts';
import { closed, openFile, withNext, withoutOpen } from './stretches.ts';

/** Where recordings go, as far as calls know of it. */
export interface RecordingRoom {
  /** Why none may begin now; undefined: it may. */
  readonly refusal: 'not-set-up' | 'low-space' | undefined;
  /** How each that was asked for has ended; not told of one that was left to another controller. */
  ended(end: RecordingEnd): void;
}

/** What holds where no recordings are set up. */
export const NO_ROOM: RecordingRoom = { refusal: 'not-set-up', ended: () => undefined };

export interface RecorderParts {
  readonly call: Call;
  readonly callLog: CallLog;
  readonly table: Table;
  readonly room: RecordingRoom;
  readonly log: Logger;
}

export class Recorder {
  readonly #parts: RecorderParts;
  /** What this controller has begun or taken over; undefined also while a former one's has yet to be taken over. */
  #current: Recording | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /**
   * Whom the caller talks to from now on; undefined: to nobody. To be called at each change, and when a talking call is
   * adopted.
   */
  talking(to: DestinationId | undefined): void {
    const open = this.#open;
    if (to === undefined || !isRecorded(this.#parts.table, to)) this.notTalking();
    else if (open === undefined) this.#begin();
    else if (this.#current === undefined) this.#follow(open, true);
  }

  /** The caller talks to nobody any more, or the call ends. To be called before the record that tells the call's end. */
  notTalking(): void {
    const open = this.#open;
    if (open === undefined) return;
    const recording = this.#current ?? this.#follow(open, true);
    this.#current = undefined;
    const { callLog } = this.#parts;
    this.#tell('ended', open, null);
    void callLog.move({ rec: closed(callLog.checkpoint.rec, callLog.ms) });
    void recording.stop();
  }

  get #open(): number | undefined {
    return openFile(this.#parts.callLog.checkpoint.rec);
  }

  #begin(): void {
    const { callLog, room, log } = this.#parts;
    const next = withNext(callLog.checkpoint.rec, callLog.ms);
    const n = openFile(next) ?? 0;
    const { refusal } = room;
    if (refusal === undefined) {
      this.#tell('started', n, null);
      void callLog.move({ rec: next }); // first, so that whoever takes the call over knows of it
      this.#follow(n, false);
      return;
    }
    this.#tell('failed', n, refusal);
    if (refusal === 'not-set-up')
      log.error({}, 'the table asks for a recording, and the settings say of no place for it');
  }

  #follow(n: number, adopt: boolean): Recording {
    const { call } = this.#parts;
    const recording = call.record(recordingName(call.id, n), adopt);
    this.#current = recording;
    void recording.ended.then((end) => this.#over(recording, n, end));
    return recording;
  }

  #over(recording: Recording, n: number, end: RecordingEnd): void {
    const { callLog, room, log, call } = this.#parts;
    if (call.signal.reason instanceof CallLetGo) return; // another controller's to tell
    room.ended(end);
    if (end === 'done') return;
    log.error({ file: recordingFile(call.id, n), reason: end }, 'a recording has failed; the call goes on');
    this.#tell('failed', n, end); // also of one that was told ended: some PBXs know only then
    if (this.#current !== recording) return;
    this.#current = undefined;
    const { rec } = callLog.checkpoint;
    void callLog.move({ rec: end === 'not-begun' ? withoutOpen(rec) : closed(rec, callLog.ms) });
  }

  #tell(state: RecordFields<'recorded'>['state'], n: number, reason: RecordFields<'recorded'>['reason']): void {
    const { call, callLog } = this.#parts;
    callLog.emit('recorded', { state, file: recordingFile(call.id, n), reason });
  }
}
