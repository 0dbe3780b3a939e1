/** Callers who reached nobody: whom to call back, and off the list once somebody has. */
import { button, confirmed, el } from './dom.js';
import { momentOf } from './format.js';
import { ask, Refused } from './service.js';
import { t } from './words.js';

/** @import { MissedEntry } from '../../feed/missed/missed.ts' */
/** @import { Names } from './format.js' */

const COLUMNS = ['caller', 'number', 'region', 'missedWhy', 'attempts', 'lastTried'];

export class MissedView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.told = '';
    this.message = el('p', { class: 'message', role: 'status' });
  }

  /** @param {boolean} mayClose @param {Names} names */
  async show(mayClose, names) {
    /** @type {readonly MissedEntry[]} */
    const entries = await ask('/missed');
    // A row that has not changed is left alone, because the focus may be in it.
    const told = JSON.stringify([document.documentElement.lang, mayClose, names.revision, entries]);
    if (this.told === told) return;
    this.told = told;
    const close = (/** @type {MissedEntry} */ entry) => void this.#close(entry, mayClose, names);
    const rows = [...entries]
      .sort((a, b) => Date.parse(b.lastAt) - Date.parse(a.lastAt))
      .map((entry) => rowOf(entry, names, mayClose && button(t('calledBack'), () => close(entry))));
    this.root.replaceChildren(
      el('h1', { tabindex: '-1' }, t('missedCalls')),
      this.message,
      el(
        'section',
        { class: 'panel table-history' },
        el('p', { class: 'note' }, t('missedNote')),
        rows.length === 0 ? el('p', { class: 'good' }, t('nobodyMissed')) : tableOf(rows),
      ),
    );
  }

  /** @param {MissedEntry} entry @param {boolean} mayClose @param {Names} names */
  async #close(entry, mayClose, names) {
    const question = t('calledBackAsk', { caller: entry.caller, number: entry.number });
    if (!(await confirmed(t('calledBack'), [el('p', {}, question)], t('calledBack')))) return;
    try {
      await ask(`/missed/${encodeURIComponent(entry.id)}/close`, { body: {} });
      this.message.textContent = t('takenOff', { caller: entry.caller });
    } catch (error) {
      const isGone = error instanceof Refused && error.status === 404;
      const why = error instanceof Refused ? `${error.code}: ${error.message}` : t('unreachable');
      this.message.textContent = isGone ? t('takenOffBefore') : why;
    }
    await this.show(mayClose, names).catch(() => undefined); // asked again in some seconds
    this.root.querySelector('h1')?.focus();
  }

  leave() {
    this.told = '';
    this.message.textContent = '';
    this.root.replaceChildren();
  }
}

/** @param {MissedEntry} entry @param {Names} names @param {Node | false} close */
const rowOf = ({ caller, number, unit, region, reason, attempts, lastAt }, names, close) =>
  el(
    'tr',
    {},
    el('th', { scope: 'row', class: 'missed-caller' }, caller),
    el('td', {}, number, ' ', el('small', {}, unit)),
    el('td', {}, names.region(region)),
    el('td', {}, t(`reason_${reason}`)),
    el('td', { class: 'figure' }, String(attempts)),
    el('td', {}, momentOf(lastAt)),
    el('td', { class: 'buttons' }, close),
  );

/** @param {readonly HTMLElement[]} rows */
const tableOf = (rows) =>
  el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('missedCalls') },
    el(
      'table',
      { class: 'history' },
      el('thead', {}, el('tr', {}, ...COLUMNS.map((key) => el('th', { scope: 'col' }, t(key))), el('td'))),
      el('tbody', {}, ...rows),
    ),
  );
