/** What both adapters' playbacks and recordings have in common: they end once, whoever tells of the end first. */
import type { Playback, PlaybackEnd, Recording, RecordingEnd } from '../port.ts';
import type { PbxLink, PbxListener } from './link.ts';

type AnyLink = Pick<PbxLink<never, PbxListener<never>>, 'log' | 'unlisten'>;

abstract class MediaOperation<End> {
  readonly ended: Promise<End>;
  protected readonly settle: (end: End) => void;
  /** The PBX has it: from then on, one that is not there is over. */
  protected isBegun = false;
  /** Somebody has stopped it, or it has ended. */
  protected isUnwanted = false;
  readonly #link: AnyLink;

  /** @param id what the PBX's events of it are listened to by. */
  constructor(link: AnyLink, id: string) {
    this.#link = link;
    const { promise, resolve } = Promise.withResolvers<End>();
    this.settle = resolve;
    this.ended = promise.finally(() => {
      this.isUnwanted = true;
      link.unlisten(id);
    });
  }

  /**
   * @param begin orders it, or looks for one under way; false: there is none, and `absent` says what that means.
   * @param about named in the log when the PBX refuses, which ends it as `refused`.
   */
  protected async beginBy(
    begin: () => Promise<boolean>,
    { absent, refused, about }: { absent: () => End; refused: End; about: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    try {
      this.isBegun = await begin();
      if (!this.isBegun) this.settle(absent());
    } catch (error) {
      this.#link.log.warn(about, String(error));
      this.settle(refused);
    }
  }
}

export abstract class PbxPlayback extends MediaOperation<PlaybackEnd> implements Playback {
  abstract stop(): Promise<void>;

  /** The channel is gone, and what it played with it; the PBX may tell nothing of that. */
  gone(): void {
    this.settle('stopped');
  }

  /** @param adopt `begin` looks for a playback under way; one that is no more has been heard. */
  protected async begin(begin: () => Promise<boolean>, adopt: boolean, about: Readonly<Record<string, unknown>>) {
    const absent = (): PlaybackEnd => (adopt ? 'done' : this.isUnwanted ? 'stopped' : 'failed');
    await this.beginBy(begin, { absent, refused: 'failed', about });
  }
}

export abstract class PbxRecording extends MediaOperation<RecordingEnd> implements Recording {
  abstract stop(): Promise<void>;
  /** The caller is gone. */
  abstract gone(): void;

  /** @param adopt `begin` looks for a recording under way. */
  protected async begin(begin: () => Promise<boolean>, adopt: boolean, about: Readonly<Record<string, unknown>>) {
    const absent = (): RecordingEnd => (adopt ? 'broken-off' : 'not-begun');
    await this.beginBy(begin, { absent, refused: 'not-begun', about });
  }

  /** What nobody asked to end has broken off. */
  protected over(): void {
    this.settle(this.isUnwanted ? 'done' : 'broken-off');
  }
}

/** The recordings of one call. */
export class CallRecordings {
  readonly #running = new Set<PbxRecording>();
  #isGone = false;

  /** @param begin makes the recording; not called when the caller is gone. Undefined: nothing can be written. */
  record(begin: () => PbxRecording | undefined): Recording {
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
