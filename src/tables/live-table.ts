/**
 * The live table: which revision new calls are routed by, and the one way to change it.
 *
 *   candidate ─▶ parse, check, own expectations ─▶ guard ─▶ kept on disk ─▶ ready everywhere ─▶ fleet moves ─▶ swap
 *        └──────────┴─ refused: the old one stays ─┴────────────┘                    └─ somebody was first: CONFLICT
 *
 * Changes take turns; a call asks between two instructions, and so gets one whole revision or another.
 */
import { BadRequest, NoCanary, NoSuchRevision, TableConflict, TableRefused } from '../errors.ts';
import type { Problem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import type { Asked, Changed, ReloadAsked } from './asking.ts';
import { type ArrivedCall, type CanaryWatch, reachInWords, shareOf, type Tally, unknownIn } from './canary.ts';
import type { Change, DescribeChange, MovedCalls } from './change.ts';
import type { Member } from './fleet.ts';
import { guard, guardCalls } from './guard.ts';
import { Ledger, type LedgerParts, type What } from './ledger.ts';
import { Meeting } from './meeting.ts';
import { inShort, openRunning } from './opening.ts';
import { type Revision, Revisions } from './revisions.ts';
import type { FileSeen, Running, TableSource, TableState } from './running.ts';
import { judge, type KeptRevision, keep } from './sources.ts';
import type { HistoryEntry, Reach, Standing } from './standing.ts';
import { TableFile } from './table-file.ts';

export interface LiveTableParts extends LedgerParts {
  /** The table's file. */
  readonly file: string;
  readonly describeChange: DescribeChange;
  readonly watch: CanaryWatch;
  /** Share of the numbers that a change may move unasked. */
  readonly mostNumbersMoved: number;
  readonly movedCalls: MovedCalls;
  /** Share of the calls of the last 24 hours that a change may send elsewhere unasked. */
  readonly mostCallsMoved: number;
}

const ALREADY = 'this revision is live already';

export class LiveTable {
  readonly #parts: LiveTableParts;
  readonly #revisions: Revisions;
  readonly #running: Running;
  readonly #ledger: Ledger;
  readonly #file: TableFile;
  readonly #meeting: Meeting;
  /** How requests to reload have ended. */
  readonly #reloads = { accepted: 0, unchanged: 0, refused: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #isLookWanted = false;
  #isStopped = false;

  private constructor(parts: LiveTableParts, revisions: Revisions, running: Running) {
    this.#parts = parts;
    this.#revisions = revisions;
    this.#running = running;
    this.#ledger = new Ledger(parts, running);
    this.#file = new TableFile(parts.file, running, this.#ledger);
    this.#meeting = new Meeting({ ...parts, running, revisions, ledger: this.#ledger });
  }

  /** @throws TableRefused, FileUnreadable when there is no table to start on. */
  static async open(parts: LiveTableParts): Promise<LiveTable> {
    const revisions = new Revisions(parts.store, parts.fleet);
    const opened: { table?: LiveTable } = {};
    await parts.fleet.start({
      moved: () => opened.table?.look(),
      prepare: async (revision) => void (await revisions.find(revision)),
    });
    try {
      const { running, isFileAsked, isFromFile } = await openRunning({ ...parts, revisions });
      const table = new LiveTable(parts, revisions, running);
      await table.#begin(isFromFile);
      opened.table = table;
      if (isFileAsked) await table.reload({ who: 'start-up', from: 'file' }).catch(() => undefined); // told of already
      return table;
    } catch (error) {
      await parts.fleet.stop();
      throw error;
    }
  }

  get table(): Table {
    return this.#running.table;
  }

  get standing(): Standing {
    return this.#running.run.standing;
  }

  get state(): TableState {
    return this.#running.state;
  }

  get file(): FileSeen {
    return this.#running.file;
  }

  /** Files whose change is a request to reload. */
  get files(): readonly string[] {
    return this.#file.files;
  }

  /** The table that a call is routed by from its arrival to its end. */
  tableFor(call: ArrivedCall): Table {
    return this.#running.tableFor(call, new Date(this.#parts.now()));
  }

  /** A revision that a call began with, live or not; undefined: it cannot be had any more. */
  async tableOf(revision: string): Promise<Table | undefined> {
    const found = await this.#revisions.find(revision);
    return 'table' in found ? found.table : undefined;
  }

  /** @throws NoSuchRevision */
  async textOf(revision: string): Promise<KeptRevision> {
    return (await this.#find(revision)).kept;
  }

  /** How reloads have ended since the start, canaries included. */
  get reloads(): Readonly<Record<Changed['outcome'] | 'refused', number>> {
    return { ...this.#reloads };
  }

  /** How calls have ended since the canary began. */
  get tallies(): { readonly live: Tally; readonly canary: Tally } | undefined {
    const { revision, canary } = this.standing;
    const { watch } = this.#parts;
    return canary === null ? undefined : { live: watch.tally(revision), canary: watch.tally(canary.revision) };
  }

  /** @throws TableRefused, ChangeTooLarge, TableConflict, TableNotKept, FileUnreadable, BadRequest */
  reload(asked: ReloadAsked): Promise<Changed> {
    const what = asked.canary === undefined ? 'reload' : 'canary';
    return this.#inTurn(what, asked, (base) => {
      const changing = this.#reload(what, base, asked);
      return asked.sources === undefined ? this.#file.orTrouble(changing) : changing;
    }).then(
      (changed) => {
        this.#reloads[changed.outcome] += 1;
        return changed;
      },
      (error: unknown) => {
        this.#reloads.refused += 1;
        throw error;
      },
    );
  }

  /** The file may have changed: what it holds is a request, unless it was looked at already. */
  async fileChanged(): Promise<void> {
    if (!(await this.#file.isChanged())) return;
    await this.reload({ who: 'file watch', from: 'file' }).catch(() => undefined); // told of already
  }

  /**
   * Ends a canary; else goes back to the revision before, or to a named one. Done again, it undoes itself.
   * @throws NoSuchRevision, TableConflict, TableNotKept
   */
  rollback(asked: Asked & { readonly revision?: string | undefined }): Promise<Changed> {
    return this.#inTurn('rollback', asked, async (base) => {
      const ended = asked.revision === undefined ? base.canary : null;
      const to = asked.revision ?? (ended ? base.revision : base.previous);
      if (to === null) throw new NoSuchRevision('there is no revision before the live one');
      const revision = await this.#find(to);
      if (this.#isLive(revision)) return this.#told('unchanged', base, ALREADY, []);
      this.#mustHold(base, asked);
      const summary = ended
        ? `the canary ${ended.revision} takes no more calls`
        : `back to ${to}: ${this.#changeTo(revision).summary}`;
      await this.#commit('rollback', { base, next: this.#after(base, asked, summary, to), revision }, asked);
      return this.#told('accepted', base, summary, []);
    });
  }

  /** The canary becomes live. @throws NoCanary, TableConflict, TableNotKept */
  promote(asked: Asked): Promise<Changed> {
    return this.#inTurn('promote', asked, async (base) => {
      if (base.canary === null) throw new NoCanary('no revision is being tried');
      this.#mustHold(base, asked);
      const revision = await this.#find(base.canary.revision);
      const { summary } = this.#changeTo(revision);
      const next = this.#after(base, asked, summary, base.canary.revision);
      await this.#commit('promote', { base, next, revision }, asked);
      return this.#told('accepted', base, summary, []);
    });
  }

  /** A call has ended; a canary that does worse than the live revision is rolled back. */
  callEnded(revision: string, isAnswered: boolean): void {
    const { standing } = this;
    if (standing.canary === null) return;
    const { watch, log } = this.#parts;
    watch.ended(revision, isAnswered);
    const verdict = watch.verdict(standing.revision, standing.canary.revision);
    if (verdict === undefined) return;
    watch.reset();
    log.error({ revision: standing.canary.revision }, `the canary goes: ${verdict}`);
    this.rollback({ who: `canary watch: ${verdict}`, from: 'canary' }).catch(() => undefined); // told of already
  }

  /** The newest first: of the fleet, or of this controller where the fleet cannot be asked. */
  async history(atMost: number): Promise<readonly HistoryEntry[]> {
    return (await this.#parts.fleet.history(atMost)) ?? this.#parts.store.history(atMost);
  }

  /** Undefined: there is no fleet, or it cannot be reached. */
  members(): Promise<readonly Member[] | undefined> {
    return this.#parts.fleet.members();
  }

  /** Looks where the fleet stands, once at a time, and goes there. */
  look(): void {
    if (this.#isLookWanted || this.#isStopped) return;
    this.#isLookWanted = true;
    const looked = this.#turn.then(async () => {
      this.#isLookWanted = false;
      if (!this.#isStopped) await this.#meeting.meet();
    });
    this.#turn = looked.catch((error: unknown) =>
      this.#parts.log.error({ reason: String(error) }, 'could not follow the fleet'),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#turn;
    await this.#parts.fleet.stop();
  }

  async #begin(isFromFile: boolean): Promise<void> {
    const { live, standing } = this.#running.run;
    await this.#meeting.meet();
    await this.#ledger.write([live.kept]);
    if (isFromFile) await this.#ledger.tell(this.#ledger.accepted('start', standing, 'file', null));
  }

  async #reload(what: What, base: Standing, asked: ReloadAsked): Promise<Changed> {
    const { canary: reach } = asked;
    const { revision, problems } = await this.#candidate(asked);
    if (this.#isLive(revision)) return this.#told('unchanged', base, ALREADY, problems);
    this.#mustHold(base, asked);
    const change = this.#changeTo(revision);
    if (reach) mustBeKnown(revision.table, reach);
    if (!asked.yes) await this.#guard(change, revision, reach);
    const summary = reach ? `${reachInWords(reach)}: ${change.summary}` : change.summary;
    const canary = reach ? { revision: revision.table.revision, reach } : null;
    const next = this.#after(base, asked, summary, reach ? base.revision : revision.table.revision, canary);
    await this.#commit(what, { base, next, revision }, asked, asked.sources === undefined ? 'file' : undefined);
    return this.#told('accepted', base, summary, problems);
  }

  /** @throws ChangeTooLarge */
  async #guard(change: Change, { table }: Revision, reach: Reach | undefined): Promise<void> {
    const { mostNumbersMoved, mostCallsMoved, movedCalls } = this.#parts;
    const share = reach && shareOf(table, reach);
    guard(change, mostNumbersMoved, share);
    guardCalls(await movedCalls(this.table, table), mostCallsMoved, change.summary, share);
  }

  /** Changes one after the other. Each starts from what was live when it was asked for. */
  #inTurn(what: What, asked: Asked, work: (base: Standing) => Promise<Changed>): Promise<Changed> {
    const base = this.#running.newest;
    const turn = this.#turn
      .then(() => work(base))
      .catch(async (error: unknown) => {
        await this.#ledger.refused(what, asked, error);
        throw error;
      });
    this.#turn = turn.catch(() => undefined); // whoever asked is told
    return turn;
  }

  #mustHold(base: Standing, { ifMatch }: Asked): void {
    const { newest } = this.#running;
    const { revision, who, when } = newest;
    if (ifMatch !== undefined && ifMatch !== revision) {
      throw new TableConflict(`revision ${ifMatch} is not live; ${revision} is, by ${who}, ${when}`);
    }
    if (newest !== base) throw new TableConflict(`another change came first: ${revision} by ${who}, ${when}`);
  }

  /** Live for every call, here and as far as is known in the fleet. */
  #isLive({ table }: Revision): boolean {
    const { isNewest, run } = this.#running;
    return isNewest && run.canary === undefined && run.live.table.revision === table.revision;
  }

  async #find(revision: string): Promise<Revision> {
    const found = await this.#revisions.find(revision);
    if ('missing' in found) throw new NoSuchRevision(found.missing);
    return found;
  }

  #changeTo({ table }: Revision): Change {
    return this.#parts.describeChange(this.table, table, new Date(this.#parts.now()));
  }

  /** What is asked for, once it is good. */
  async #candidate({ sources }: ReloadAsked): Promise<{ revision: Revision; problems: readonly Problem[] }> {
    const at = this.#parts.now();
    const read = sources === undefined ? await this.#file.read() : { sources, draft: undefined };
    const { table, problems } = judge(read.sources, new Date(at), read.draft);
    if (table === undefined) throw new TableRefused(inShort(problems), problems);
    if (sources === undefined) this.#file.isGood(table.revision);
    const revision = this.#revisions.atHand(table.revision) ?? { table, kept: keep(read.sources, table.revision, at) };
    return { revision, problems };
  }

  /** The standing after a change. */
  #after(
    base: Standing,
    { who }: Asked,
    summary: string,
    revision: string,
    canary: Standing['canary'] = null,
  ): Standing {
    const previous = revision === base.revision ? base.previous : base.revision;
    return { counter: base.counter + 1, when: this.#ledger.when(), revision, previous, canary, who, summary };
  }

  /** Disk first, not under its name yet; then the fleet, which decides; then the swap, and the name. */
  async #commit(
    what: What,
    { base, next, revision }: { base: Standing; next: Standing; revision: Revision },
    { from }: Asked,
    source?: TableSource,
  ): Promise<void> {
    const { fleet, watch, log } = this.#parts;
    const prepared = await this.#ledger.prepare(revision.kept, next);
    await fleet.offer(revision.kept);
    const entry = this.#ledger.accepted(what, next, from, base.revision);
    const answer = await fleet.propose(base, next, entry);
    if (answer === 'lost') {
      await prepared.discard();
      this.look();
      throw new TableConflict('another controller changed the table first');
    }
    this.#revisions.remember(revision);
    const live = next.canary === null ? revision : this.#running.run.live;
    const canary = next.canary === null ? undefined : { revision, reach: next.canary.reach };
    if (canary) watch.reset();
    const isSame = next.revision === this.table.revision;
    const kept = answer === 'won' ? 'redis' : 'last-known-good';
    this.#running.swap({ standing: next, live, canary }, isSame ? this.state.source : (source ?? kept));
    log.info({ what, revision: next.revision, canary: next.canary, who: next.who, from }, `the table: ${next.summary}`);
    await this.#ledger.settle(prepared, entry);
    await this.#ledger.acknowledge();
  }

  #told(outcome: Changed['outcome'], before: Standing, summary: string, problems: readonly Problem[]): Changed {
    const { revision, canary } = this.standing;
    return { outcome, revision, before: before.revision, canary, summary, problems };
  }
}

function mustBeKnown(table: Table, reach: Reach): void {
  const unknown = unknownIn(table, reach);
  if (unknown.length > 0) throw new BadRequest(`the table has no ${unknown.join(', ')}, so a canary cannot go there`);
}
