/** The table: what is live, what the file would change, and for operators the change itself. */
import { button, confirmed, el, say, setText, showText } from './dom.js';
import { momentOf } from './format.js';
import { moveWords } from './move-words.js';
import { ask, Refused } from './service.js';
import { fleetList, liveFacts, moveList, problemList, short } from './table-parts.js';
import { t } from './words.js';

/** @import { Names } from './format.js' */
/** @import { CandidateShown, ChangeMade, TableShown } from '../table-api.ts' */
/** @typedef {{ what: string, outcome: string, revision: string | null, when: string, who: string, from: string, summary: string }} Entry */

export class TableView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.mayChange = false;
    /** @type {TableShown | undefined} */
    this.table = undefined;
    /** @type {CandidateShown | undefined} */
    this.candidate = undefined;
    /** @type {readonly Entry[]} */
    this.history = [];
    /** @type {Names | undefined} */
    this.names = undefined;
    this.title = el('h1');
    this.message = el('p', { class: 'message', role: 'status' });
    this.panels = {
      live: el('section', { class: 'panel table-live' }),
      candidate: el('section', { class: 'panel table-candidate' }),
      history: el('section', { class: 'panel table-history' }),
    };
    /** What each panel shows now. @type {Map<string, string>} */
    this.drawn = new Map();
  }

  /** @param {boolean} mayChange @param {Names} names */
  async show(mayChange, names) {
    this.mayChange = mayChange;
    this.names = names;
    await this.refresh();
  }

  async refresh() {
    const [table, history, candidate] = await Promise.all([
      /** @type {Promise<TableShown>} */ (ask('/table')),
      /** @type {Promise<readonly Entry[]>} */ (ask('/table/history?limit=50')),
      /** @type {Promise<CandidateShown>} */ (ask('/table/candidate')),
    ]);
    this.table = table;
    this.history = history;
    this.candidate = candidate;
    this.draw();
  }

  draw() {
    const { table, candidate } = this;
    if (table === undefined || candidate === undefined) return;
    if (this.root.childElementCount === 0) this.root.append(this.title, this.message, ...Object.values(this.panels));
    setText(this.title, t('table'));
    const { fleet, ...live } = table;
    this.#put('live', [live, fleet?.controllers.map(({ secondsAgo: _, ...rest }) => rest)], () => [
      el('h2', { tabindex: '-1' }, t('current')),
      liveFacts(table, this.#told),
      fleetList(table),
      this.#liveButtons(table),
    ]);
    this.#put('candidate', candidate, () => [
      el('h2', { tabindex: '-1' }, t('candidate')),
      el('p', { class: 'note' }, candidate.path),
      ...this.#candidateParts(candidate),
    ]);
    this.#put('history', [live.revision, this.history], () => [
      el('h2', { tabindex: '-1' }, t('history')),
      this.#historyTable(table),
    ]);
    this.#showAges(table);
  }

  /**
   * Draws a panel again only when its content has changed, so that focus and a screen reader's place stay. Focus that was
   * inside a redrawn panel moves to its heading. @param {'live' | 'candidate' | 'history'} name
   * @param {unknown} shown @param {() => readonly (Node | null)[]} make
   */
  #put(name, shown, make) {
    const panel = this.panels[name];
    const key = JSON.stringify([document.documentElement.lang, this.mayChange, shown]);
    if (this.drawn.get(name) === key) return;
    this.drawn.set(name, key);
    const hadFocus = panel.contains(document.activeElement);
    panel.replaceChildren(...make().filter((each) => each !== null));
    if (hadFocus) panel.querySelector('h2')?.focus();
  }

  /** The ages of controllers change at every refresh, so only they are updated. @param {TableShown} table */
  #showAges({ fleet }) {
    const ages = this.panels.live.querySelectorAll('.fleet [data-age]');
    for (const [n, each] of (fleet?.controllers ?? []).entries()) {
      const age = ages[n];
      if (age && each.problem === undefined) setText(age, t('secondsAgo', { value: Math.round(each.secondsAgo) }));
    }
  }

  /** @param {string} line */
  #told = (line) => (this.names ? moveWords(line, this.names) : line);

  /** @param {TableShown} table */
  #liveButtons({ previous, canary }) {
    if (!this.mayChange) return null;
    const promote =
      canary && button(t('promote'), () => void this.#change(t('promote'), t('promoteAsk'), '/table/promote', {}));
    const back = canary ? t('endCanary') : t('rollback');
    const ask = t('rollbackAsk', { revision: short(canary ? (this.table?.revision ?? null) : previous) });
    const rollback =
      (previous !== null || canary) &&
      button(back, () => void this.#change(back, ask, '/table/rollback', {}), 'danger');
    return el('div', { class: 'buttons' }, promote, rollback);
  }

  /** @param {CandidateShown} candidate @returns {readonly (Node | null)[]} */
  #candidateParts({ isLive, revision, problems, moves, numbersMoved, numbersTotal }) {
    const check = button(t('check'), () => void this.#recheck());
    const reload =
      this.mayChange && revision !== null && !isLive && button(t('reload'), () => void this.#reload(), 'strong');
    const said = isLive
      ? [el('p', { class: 'good' }, t('isLive'))]
      : revision === null
        ? [el('p', { class: 'bad' }, t('isBad'))]
        : [
            el(
              'p',
              { class: 'good' },
              numbersMoved > 0 ? t('isGood', { moved: numbersMoved, total: numbersTotal }) : t('movesNothing'),
            ),
            el('p', { class: 'note' }, el('code', {}, short(revision))),
            moveList(moves.map(this.#told)),
          ];
    return [
      ...said,
      problems.length > 0 ? problemList(problems) : null,
      el('div', { class: 'buttons' }, check, reload),
    ];
  }

  /** @param {TableShown} table */
  #historyTable({ revision: live }) {
    const columns = ['when', 'what', 'outcome', 'revision', 'who', 'summary'];
    const rows = this.history.map(({ when, what, outcome, revision, who, summary }) => {
      const isOther = outcome === 'accepted' && revision !== null && revision !== live;
      const text =
        revision !== null && outcome === 'accepted' && button(t('text'), () => void this.#showText(revision));
      const back =
        this.mayChange &&
        isOther &&
        button(
          t('rollbackTo'),
          () =>
            void this.#change(t('rollback'), t('rollbackAsk', { revision: short(revision) }), '/table/rollback', {
              revision,
            }),
        );
      return el(
        'tr',
        { 'data-outcome': outcome, 'data-live': String(revision === live) },
        el('td', {}, momentOf(when)),
        el('td', {}, t(`what_${what}`)),
        el('td', {}, t(outcome)),
        el('td', {}, el('code', {}, short(revision))),
        el('td', {}, who),
        el('td', { class: 'summary' }, this.#told(summary)),
        el('td', { class: 'buttons' }, text, back),
      );
    });
    const head = el('thead', {}, el('tr', {}, ...columns.map((key) => el('th', { scope: 'col' }, t(key))), el('td')));
    return el(
      'div',
      { class: 'scroll', tabindex: '0', 'aria-label': t('history') },
      el('table', { class: 'history' }, head, el('tbody', {}, ...rows)),
    );
  }

  /** @param {string} revision */
  async #showText(revision) {
    await this.#orTell(async () => {
      /** @type {{ text: string }} */
      const { text } = await ask(`/table/revisions/${revision}`);
      showText(`${t('revision')} ${revision}`, text);
    });
  }

  async #recheck() {
    this.#tell(t('checking'));
    await this.#orTell(async () => {
      await this.refresh();
      this.#tell('');
    });
  }

  /** Shows a message when the service does not answer, or refuses. @param {() => Promise<void>} work */
  async #orTell(work) {
    try {
      await work();
    } catch (error) {
      this.#tell(error instanceof Refused ? `${error.code}: ${error.message}` : t('unreachable'), 'bad');
    }
  }

  /** @param {string} text @param {string} [kind] */
  #tell(text, kind = 'good') {
    this.message.textContent = text;
    this.message.dataset.kind = kind;
  }

  async #reload() {
    const { candidate } = this;
    const moves =
      candidate && candidate.moves.length > 0 ? [moveList(candidate.moves.slice(0, 12).map(this.#told))] : [];
    if (!(await confirmed(t('reload'), [el('p', {}, t('reloadAsk')), ...moves], t('reload')))) return;
    await this.#do('/table/reload', {}, async (refused) => {
      if (refused.code !== 'CHANGE_TOO_LARGE') return false;
      const isMeant = await confirmed(t('tooLarge'), [el('p', {}, refused.message)], t('reloadAnyway'));
      if (isMeant) await this.#do('/table/reload', { yes: true });
      return true;
    });
  }

  /** @param {string} title @param {string} question @param {string} path @param {object} body */
  async #change(title, question, path, body) {
    if (await confirmed(title, [el('p', {}, question)], title)) await this.#do(path, body);
  }

  /**
   * Sends `If-Match` with the revision that was shown: if somebody else was first, the refusal names them.
   * @param {string} path @param {object} body @param {(refused: Refused) => Promise<boolean>} [handled]
   */
  async #do(path, body, handled = async () => false) {
    try {
      /** @type {ChangeMade} */
      const { outcome, summary } = await ask(path, { body, ...(this.table && { ifMatch: this.table.revision }) });
      this.#tell(t('done', { value: `${t(outcome)} · ${this.#told(summary)}` }));
      say(t('done', { value: t(outcome) }));
    } catch (error) {
      if (error instanceof Refused && (await handled(error))) return;
      this.#tell(error instanceof Refused ? `${error.code}: ${error.message}` : t('unreachable'), 'bad');
      return;
    }
    await this.#orTell(() => this.refresh());
  }

  leave() {
    this.#tell('');
    this.drawn.clear();
    this.root.replaceChildren();
  }
}
