/** Numbers, regions, queues and agents: tables whose rows keep their place while the figures change. */
import { el, setData, setText } from './dom.js';
import { clockOf, gradeOf, percent, shareOf } from './format.js';
import { t } from './words.js';

/** @import { AgentShown, Figures, LevelsShown } from '../board/view-model.ts' */
/** @import { Names } from './format.js' */

/** Rows by key: each is made once and kept in the given order; rows without a key any more are removed. */
class Rows {
  /** @param {HTMLElement} root @param {() => HTMLElement} make */
  constructor(root, make) {
    this.root = root;
    this.make = make;
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
  }

  /** @param {readonly string[]} keys @returns {readonly HTMLElement[]} */
  in(keys) {
    const wanted = new Set(keys);
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      row.remove();
      this.rows.delete(key);
    }
    return keys.map((key, n) => {
      const row = this.rows.get(key) ?? this.make();
      this.rows.set(key, row);
      if (this.root.children[n] !== row) this.root.insertBefore(row, this.root.children[n] ?? null);
      return row;
    });
  }
}

/** @param {HTMLElement} table @param {readonly string[]} columns @returns {{ head: () => void, body: HTMLElement }} */
function columnsOf(table, columns) {
  const heads = columns.map((key) => el('th', { scope: 'col', class: `col-${key}` }));
  const body = el('tbody');
  table.append(el('thead', {}, el('tr', {}, ...heads)), body);
  const head = () => {
    for (const [n, each] of heads.entries()) setText(each, columns[n] === 'bar' ? t('within15') : t(columns[n] ?? ''));
  };
  return { head, body };
}

/** A share as a bar with its figure. */
const barCell = () =>
  el('td', { class: 'col-bar' }, el('span', { class: 'bar' }, el('i', { 'aria-hidden': 'true' })), el('b'));

/** @param {Element | undefined} cell @param {number | undefined} share */
function showBar(cell, share) {
  if (!(cell instanceof HTMLElement)) return;
  const fill = cell.querySelector('i');
  if (fill) fill.style.width = `${(share ?? 0) * 100}%`;
  setData(cell, 'grade', gradeOf(share, 'within15'));
  setText(/** @type {Node} */ (cell.querySelector('b')), share === undefined ? '–' : `${percent(share)}%`);
}

/** @param {readonly (HTMLElement | string)[]} classes */
const cells = (...classes) =>
  el(
    'tr',
    {},
    ...classes.map((each) =>
      typeof each === 'string'
        ? el(each === 'name' ? 'th' : 'td', { class: `col-${each}`, ...(each === 'name' && { scope: 'row' }) })
        : each,
    ),
  );

/** @param {LevelsShown} a @param {LevelsShown} b */
const busiest = (a, b) => b.hour.arrived - a.hour.arrived || b.day.arrived - a.day.arrived || (a.id < b.id ? -1 : 1);

export class LevelTable {
  /** @param {HTMLElement} table @param {'number' | 'region'} kind */
  constructor(table, kind) {
    this.kind = kind;
    const { head, body } = columnsOf(table, [kind, 'liveShort', 'callsShort', 'bar', 'missedShort']);
    this.head = head;
    this.rows = new Rows(body, () => cells('name', 'figure', 'figure', barCell(), 'figure'));
  }

  /** @param {readonly LevelsShown[]} levels @param {Names} names */
  show(levels, names) {
    this.head();
    const sorted = [...levels].sort(busiest);
    for (const [n, row] of this.rows.in(sorted.map(({ id }) => id)).entries()) {
      const each = sorted[n];
      if (each) this.#row(row, each, names);
    }
  }

  /** @param {HTMLElement} row @param {LevelsShown} shown @param {Names} names */
  #row(row, { id, live, hour }, names) {
    const [name, up, calls, bar, missed] = row.children;
    if (!name || !up || !calls || !missed) return;
    if (name.childElementCount === 0) name.append(el('span'), el('small'));
    setText(/** @type {Node} */ (name.firstChild), this.kind === 'number' ? id : names.region(id));
    setText(/** @type {Node} */ (name.lastChild), this.kind === 'number' ? names.unit(id) : '');
    setText(up, live > 0 ? String(live) : '·');
    setText(calls, String(hour.arrived));
    showBar(bar, shareOf(hour, 'within15'));
    setText(missed, hour.missed > 0 ? String(hour.missed) : '·');
    setData(/** @type {HTMLElement} */ (missed), 'some', String(hour.missed > 0));
  }
}

export class QueueTable {
  /** @param {HTMLElement} table */
  constructor(table) {
    const { head, body } = columnsOf(table, ['place', 'waitingShort', 'longestShort', 'talkingShort', 'phones']);
    this.head = head;
    this.rows = new Rows(body, () => cells('name', 'figure', 'figure', 'figure', 'figure'));
  }

  /** Every queue of the table, and seats where somebody is. @param {Figures} figures @param {Names} names @param {number} now */
  show({ destinations }, names, now) {
    this.head();
    const busy = new Map(destinations.map((each) => [each.id, each]));
    const ids = new Set([...busy.keys(), ...[...names.destinations.keys()].filter((id) => id.startsWith('queue:'))]);
    const all = Array.from(ids, (id) => busy.get(id) ?? { id, waiting: 0, waitingSince: null, talking: 0 });
    all.sort((a, b) => b.waiting - a.waiting || b.talking - a.talking || (a.id < b.id ? -1 : 1));
    for (const [n, row] of this.rows.in(all.map(({ id }) => id)).entries()) {
      const each = all[n];
      const [name, waiting, longest, talking, phones] = row.children;
      if (!each || !name || !waiting || !longest || !talking || !phones) continue;
      const since = each.waitingSince === null ? 0 : now - each.waitingSince;
      setText(name, names.destination(each.id));
      setText(waiting, each.waiting > 0 ? String(each.waiting) : '·');
      setText(longest, since > 0 ? clockOf(since) : '·');
      setText(talking, each.talking > 0 ? String(each.talking) : '·');
      setText(phones, names.phones(each.id) > 0 ? String(names.phones(each.id)) : '·');
      setData(row, 'late', since > 30_000 ? 'very' : since > 15_000 ? 'yes' : 'no');
      setData(row, 'idle', String(each.waiting + each.talking === 0));
    }
  }
}

export class AgentList {
  /** @param {HTMLElement} list */
  constructor(list) {
    const make = () =>
      el('li', {}, el('i', { 'aria-hidden': 'true' }), el('b'), el('span', { class: 'agent-state' }), el('small'));
    this.rows = new Rows(list, make);
  }

  /** @param {readonly AgentShown[]} agents @param {number} now */
  show(agents, now) {
    const sorted = [...agents].sort((a, b) => Number(b.talkingSince !== null) - Number(a.talkingSince !== null));
    for (const [n, row] of this.rows.in(sorted.map(({ name }) => name)).entries()) {
      const each = sorted[n];
      const [, name, state, count] = row.children;
      if (!each || !name || !state || !count) continue;
      setData(row, 'busy', String(each.talkingSince !== null));
      setText(name, each.name);
      setText(state, each.talkingSince === null ? t('free') : clockOf(now - each.talkingSince));
      setText(count, t('answeredToday', { value: each.answered }));
    }
  }
}
