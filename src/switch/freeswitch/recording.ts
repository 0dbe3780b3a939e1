/**
 * Recordings of the caller's channel: on the left what the caller says, on the right what the caller hears, and so nobody who
 * talks aside. FreeSWITCH writes them, whether or not somebody controls the call, through every bridge, until the channel ends.
 */
import { type MediaRequest, PbxRecording } from '../kit/media.ts';
import { EslError, type EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';

/** Without a limit in time, and a channel for each side. Both words have to be there, or the second is not read. */
const HOW = ['0', '{RECORD_STEREO=true}'];

/** Why FreeSWITCH itself ended one: the channel is hung up. */
const WITH_THE_CALL = new Set(['no-input-timeout', 'success-silence']);

/** Why it ended, where something of it could not be written. */
const NOT_WRITTEN = 'uri-failure';

/** What was not written to the end so long after the caller has gone is told nobody. */
const CLOSED_WITHIN_MS = 2_000;

interface RecordingRequest extends MediaRequest {
  readonly channelId: string;
  /** As FreeSWITCH sees it; what the recording is known by. */
  readonly file: string;
}

const isRefusal = (error: unknown): boolean => error instanceof EslError && !error.isUnanswered;

export class FreeSwitchRecording extends PbxRecording<EslEvent, EslLink, RecordingRequest> {
  readonly #asked: Promise<void>;

  constructor(link: EslLink, request: RecordingRequest) {
    super(link, request, { id: request.file, kind: 'recording' });
    const { file, adopt } = request;
    const begin = () => (adopt ? this.#isThere() : this.#try(() => this.#record('start', ...HOW)));
    this.#asked = this.beginBy(begin, { file });
  }

  async stop(): Promise<void> {
    this.isUnwanted = true;
    await this.#asked;
    const isStopping = await this.#try(() => this.#record('stop'));
    if (isStopping) await this.ended;
    this.settle('done');
  }

  gone(): void {
    this.isUnwanted = true;
    const late = setTimeout(() => this.settle('done'), CLOSED_WITHIN_MS).unref();
    void this.ended.then(() => clearTimeout(late));
  }

  /** FreeSWITCH takes a second start, after one whose answer was lost, for the first. */
  #record(what: 'start' | 'stop', ...how: readonly string[]): Promise<string> {
    const { channelId, file } = this.request;
    return this.link.api('uuid_record', channelId, what, file, ...how);
  }

  /** False when refused: there is no such channel or recording, or the file cannot be written. */
  async #try(effect: () => Promise<unknown>): Promise<boolean> {
    try {
      return await this.link.insist(effect);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.link.log.warn({ file: this.request.file }, String(error));
      return false;
    }
  }

  async #isThere(): Promise<boolean> {
    const { channelId, file } = this.request;
    let bugs = '';
    await this.#try(async () => {
      bugs = await this.link.api('uuid_buglist', channelId);
    });
    return bugs.includes(`<target>${file}</target>`);
  }

  /** No list of channels shows it. */
  protected override async onMissing(): Promise<void> {
    if (this.isBegun && !(await this.#isThere())) this.over();
  }

  /** A disk that fills up is told now and not when it happens: FreeSWITCH goes on as if it wrote. */
  protected onEvent(event: EslEvent): void {
    const cause = event['Record-Completion-Cause'] ?? '';
    const isMeant = this.isUnwanted || WITH_THE_CALL.has(cause);
    this.settle(isMeant && cause !== NOT_WRITTEN ? 'done' : 'broken-off');
  }
}
