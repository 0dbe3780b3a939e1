/**
 * Recordings of the caller's channel: left what the caller says, right what the caller hears, so nobody who talks without the
 * caller is on it. FreeSWITCH writes through every bridge until the channel ends, whether or not anybody controls the call.
 */
import { type MediaRequest, PbxRecording } from '../kit/media.ts';
import { EslError, type EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';

/** No time limit, and a channel for each side. FreeSWITCH reads the second word only where the first is given. */
const HOW = ['0', '{RECORD_STEREO=true}'];

/** Causes of a recording that ended because the channel was hung up. */
const WITH_THE_CALL = new Set(['no-input-timeout', 'success-silence']);

/** Cause of a recording that could not be written in full. */
const NOT_WRITTEN = 'uri-failure';

/** After the caller is gone, we wait this long for the end of the recording, then take it for written. */
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

  /** Only now do we learn that the disk was full: FreeSWITCH went on as if it wrote. */
  protected onEvent(event: EslEvent): void {
    const cause = event['Record-Completion-Cause'] ?? '';
    const isMeant = this.isUnwanted || WITH_THE_CALL.has(cause);
    this.settle(isMeant && cause !== NOT_WRITTEN ? 'done' : 'broken-off');
  }
}
