/** What both adapters' calls have in common: who the call is, that it ends once, and what ends with it. */
import { type Arrival, type CallerGone, CallLetGo, type Presentation } from '../port.ts';
import type { PbxLink, PbxListener } from './link.ts';
import { CallRecordings } from './media.ts';

type AnyLink = Pick<PbxLink<never, PbxListener<never>>, 'gap' | 'unlisten'>;

export abstract class PbxCall<Link extends AnyLink> {
  readonly id: string;
  readonly arrival: Arrival;
  /** The caller's channel. */
  readonly channelId: string;
  readonly signal: AbortSignal;
  protected readonly link: Link;
  protected readonly recordings = new CallRecordings();
  protected presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  readonly #gone = new AbortController();
  readonly #cleared = Promise.withResolvers<void>();

  constructor(link: Link, switchName: string, channelId: string, arrival: Arrival) {
    this.id = `${switchName}-${channelId}`;
    this.arrival = arrival;
    this.channelId = channelId;
    this.signal = this.#gone.signal;
    this.link = link;
  }

  get upToDate(): Promise<void> {
    return this.link.gap.closed;
  }

  present(presentation: Presentation): void {
    this.presentation = presentation;
  }

  /** The caller is still there, and ours. */
  protected readonly isHere = (): boolean => !this.signal.aborted;

  /** Resolves when nothing of the call is left on the PBX, or when it is not ours to clear any more. */
  protected get cleared(): Promise<void> {
    return this.#cleared.promise;
  }

  /** Takes from the PBX what the call had there besides the caller's channel. */
  protected abstract clear(): Promise<void>;

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  protected async end(reason: CallerGone | Error): Promise<void> {
    if (this.signal.aborted) return;
    this.link.unlisten(this.channelId);
    this.#gone.abort(reason);
    this.recordings.gone();
    await this.clear();
    this.#cleared.resolve();
  }

  /** The call is another controller's from now on. */
  protected letGo(): void {
    this.#gone.abort(new CallLetGo());
    this.#cleared.resolve();
  }
}
