/**
 * Recordings of a call's own bridge: of everybody who is in it with the caller, and so of nobody who talks aside. Asterisk
 * writes them, with or without a controller.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type MediaRequest, PbxRecording } from '../kit/media.ts';
import type { AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';

const FORMAT = 'wav';

/** A recording starts some milliseconds after the command; stopped before that, Asterisk would forget it. */
const STARTED_WITHIN_MS = 1_000;

interface RecordingRequest extends MediaRequest {
  /** With its folder, below Asterisk's own: what ARI knows it by. */
  readonly name: string;
  readonly bridgeId: string;
  /** What has to be done first. */
  readonly after: Promise<unknown>;
}

export class AsteriskRecording extends PbxRecording<AriEvent, AriLink, RecordingRequest> {
  readonly #started = Promise.withResolvers<void>();

  constructor(link: AriLink, request: RecordingRequest) {
    super(link, request, { id: request.name, kind: 'recording' });
    void this.beginBy(() => this.#begin(), { recording: request.name });
  }

  async stop(): Promise<void> {
    this.isUnwanted = true;
    const timeUp = new AbortController();
    const late = delay(STARTED_WITHIN_MS, undefined, { signal: timeUp.signal }).catch(() => undefined);
    await Promise.race([this.#started.promise, this.ended, late]);
    timeUp.abort();
    try {
      const isStopping = await this.link.insist('recordings.stop', { recordingName: this.request.name });
      if (isStopping) await this.ended;
    } catch (error) {
      this.link.log.warn({ recording: this.request.name }, String(error));
    }
    this.settle('done');
  }

  /** The bridge is going to end, and the recording with it. */
  gone(): void {
    this.settle('done');
  }

  async #begin(): Promise<boolean> {
    await this.request.after;
    if (!this.request.adopt) return this.#record();
    const isThere = await this.#isThere();
    if (isThere) this.#started.resolve();
    return isThere;
  }

  /** Asterisk refuses when the file exists, or when an earlier try, whose answer was lost, has begun it. */
  async #record(): Promise<boolean> {
    const { name, bridgeId } = this.request;
    const recording = { bridgeId, name, format: FORMAT, ifExists: 'fail' };
    const isDone = await this.link.insist('bridges.record', recording, () => !this.isUnwanted);
    return isDone || (await this.#isThere());
  }

  #isThere(): Promise<boolean> {
    return this.link.insist('recordings.getLive', { recordingName: this.request.name });
  }

  /** A file that Asterisk could not open it reports as finished with a duration of 0. */
  protected onEvent({ type, recording }: AriEvent): void {
    if (type === 'RecordingStarted') this.#started.resolve();
    else if (type === 'RecordingFinished' && (this.isUnwanted || recording?.duration)) this.over();
    else this.settle('not-begun');
  }
}
