/** A playback on a channel, known by the id we gave it. */
import { setTimeout as delay } from 'node:timers/promises';
import { type MediaRequest, PbxPlayback } from '../kit/media.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';

/** The playback a channel is in the middle of, for whoever takes the call over. */
export const PLAYING_VARIABLE = 'hotline_playing';

export interface PlaybackRequest extends MediaRequest {
  readonly id: string;
  readonly channelId: string;
  /** Host paths of the audio on the PBX, played one after another. */
  readonly files: readonly string[];
  /** Nothing else reaches this channel's ear until the end. */
  readonly locked: boolean;
  /** A join is queued behind it. Nothing may be queued behind that: it would tear the talk apart. */
  readonly isFollowed?: boolean;
  /** Awaited first. */
  readonly ready?: Promise<unknown> | undefined;
}

/** A break is lost on a channel that has not begun to play: it is repeated until the playback's end is told. */
const BREAKS = 10;
const BREAK_AGAIN_MS = 50;

/** What FreeSWITCH plays one after another, in one word. */
export function fileString(files: readonly string[]): string {
  const [only = '', ...more] = files;
  return more.length === 0 ? only : `file_string://${files.join('!')}`;
}

export class FreeSwitchPlayback extends PbxPlayback<EslEvent, EslLink, PlaybackRequest> {
  #isGone = false;

  constructor(link: EslLink, request: PlaybackRequest) {
    super(link, request, { id: request.id, kind: 'playback' });
    const { channelId, files, adopt } = request;
    void this.beginBy(() => (adopt ? this.#attach() : this.#play()), { channelId, files });
  }

  async stop(): Promise<void> {
    this.isUnwanted = true;
    for (let tries = 0; tries < BREAKS; tries += 1) {
      const isThere = await this.link.clearUp(() => this.link.api('uuid_break', this.request.channelId));
      if (!isThere) break;
      const isOver = this.ended.then(() => true);
      if (await Promise.race([isOver, delay(BREAK_AGAIN_MS, false)])) break;
    }
    this.settle('stopped');
  }

  /** The channel has gone on to a leg, which waited for the end. */
  over(): void {
    this.settle('done');
  }

  override gone(): void {
    this.#isGone = true;
    super.gone();
  }

  /** A variable of the channel says what it plays, and the channel removes it afterwards, whether or not we still live. */
  async #play(): Promise<boolean> {
    const { id, channelId, files, locked, ready } = this.request;
    await ready;
    const argument = fileString(files);
    const isWanted = () => !this.isUnwanted;
    const note = () => this.link.api('uuid_setvar', channelId, PLAYING_VARIABLE, id);
    const play = () => this.link.execute(channelId, { application: 'playback', argument, id, locked });
    if (!(await this.link.insist(note, isWanted))) return false;
    if (!(await this.link.insist(play, isWanted, () => this.#hasBegun(argument)))) return false;
    await this.#forget();
    return true;
  }

  /** The controller that began it may have died before it queued the removal. */
  async #attach(): Promise<boolean> {
    const isNoted = (await this.#look())?.[`variable_${PLAYING_VARIABLE}`] === this.request.id;
    if (isNoted && !this.request.isFollowed) await this.#forget();
    return isNoted;
  }

  /** Queued behind the playback under the same id: its end stands in for that of a playback whose own end was missed. */
  async #forget(): Promise<void> {
    const { id, channelId } = this.request;
    const forgetting = { application: 'set', argument: `${PLAYING_VARIABLE}=`, id };
    await this.link.insist(
      () => this.link.execute(channelId, forgetting),
      () => !this.#isGone,
    );
  }

  /** It plays, or is over. */
  async #hasBegun(argument: string): Promise<boolean> {
    return (await this.#look())?.variable_current_application_data === argument;
  }

  /** Undefined when the channel is gone. */
  async #look(): Promise<EslEvent | undefined> {
    let channel: EslEvent | undefined;
    await this.link.insist(async () => {
      channel = await this.link.dump(this.request.channelId);
    });
    return channel;
  }

  protected onEvent(event: EslEvent): void {
    const response = event['Application-Response'];
    if (this.isUnwanted) this.settle('stopped');
    else this.settle(event.Application === 'set' || response === 'FILE PLAYED' ? 'done' : 'failed');
  }
}
