/** What both adapters' playbacks and recordings have in common: they end once, whoever tells of the end first. */
import type { Playback, PlaybackEnd, Recording, RecordingEnd } from '../port.ts';
import type { PbxLink, PbxListener } from './link.ts';

interface MediaLink<Event> extends Pick<PbxLink<Event, PbxListener<Event>>, 'log' | 'unlisten'> {
  listen(id: string, listener: PbxListener<Event>): void;
}

export interface MediaRequest {
  /** Attach to one that is already under way. */
  readonly adopt: boolean;
}

/** What the PBX's events of it are listened to by. */
interface Address {
  readonly id: string;
  readonly kind: PbxListener<never>['kind'];
}

abstract class MediaOperation<End, Event, Link extends MediaLink<Event>, Request extends MediaRequest> {
  readonly ended: Promise<End>;
  protected readonly link: Link;
  protected readonly request: Request;
  protected readonly settle: (end: End) => void;
  /** The PBX has it: from then on, one that is not there is over. One that has yet to begin is not there either. */
  protected isBegun = false;
  /** Somebody has stopped it, or it has ended. */
  protected isUnwanted = false;

  constructor(link: Link, request: Request, { id, kind }: Address) {
    this.link = link;
    this.request = request;
    const { promise, resolve } = Promise.withResolvers<End>();
    this.settle = resolve;
    this.ended = promise.finally(() => {
      this.isUnwanted = true;
      link.unlisten(id);
    });
    link.listen(id, { kind, onEvent: (event) => this.onEvent(event), onMissing: () => this.onMissing() });
  }

  protected abstract onEvent(event: Event): void;
  /** A look at the PBX after a gap in its events did not find it. */
  protected abstract onMissing(): void;
  /** What it means that `begin` ended with false. */
  protected abstract absent(): End;
  protected abstract readonly refused: End;

  /**
   * @param begin orders it, or looks for one under way; false: there is none. Rejects when the PBX refuses.
   * @param about named in the log then.
   */
  protected async beginBy(begin: () => Promise<boolean>, about: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      this.isBegun = await begin();
      if (!this.isBegun) this.settle(this.absent());
    } catch (error) {
      this.link.log.warn(about, String(error));
      this.settle(this.refused);
    }
  }
}

export abstract class PbxPlayback<Event, Link extends MediaLink<Event>, Request extends MediaRequest>
  extends MediaOperation<PlaybackEnd, Event, Link, Request>
  implements Playback
{
  protected readonly refused = 'failed';

  abstract stop(): Promise<void>;

  /** The channel is gone, and what it played with it; the PBX may tell nothing of that. */
  gone(): void {
    this.settle('stopped');
  }

  protected onMissing(): void {
    if (this.isBegun) this.settle('done');
  }

  /** A playback to adopt that is no more has been heard. */
  protected absent(): PlaybackEnd {
    if (this.request.adopt) return 'done';
    return this.isUnwanted ? 'stopped' : 'failed';
  }
}

export abstract class PbxRecording<Event, Link extends MediaLink<Event>, Request extends MediaRequest>
  extends MediaOperation<RecordingEnd, Event, Link, Request>
  implements Recording
{
  protected readonly refused = 'not-begun';

  abstract stop(): Promise<void>;
  /** The caller is gone. */
  abstract gone(): void;

  protected onMissing(): void {
    if (this.isBegun) this.over();
  }

  protected absent(): RecordingEnd {
    return this.request.adopt ? 'broken-off' : 'not-begun';
  }

  /** What nobody asked to end has broken off. */
  protected over(): void {
    this.settle(this.isUnwanted ? 'done' : 'broken-off');
  }
}

type AnyRecording = Recording & { gone(): void };

/** The recordings of one call. */
export class CallRecordings {
  readonly #running = new Set<AnyRecording>();
  #isGone = false;

  /** @param begin makes the recording; not called when the caller is gone. Undefined: nothing can be written. */
  record(begin: () => AnyRecording | undefined): Recording {
    const recording = this.#isGone ? undefined : begin();
    if (recording === undefined) {
      const end = this.#isGone ? 'done' : 'not-begun';
      return { ended: Promise.resolve(end), stop: async () => undefined };
    }
    this.#running.add(recording);
    void recording.ended.then(() => this.#running.delete(recording));
    return recording;
  }

  /** The caller is gone. */
  gone(): void {
    this.#isGone = true;
    for (const recording of this.#running) recording.gone();
  }
}
