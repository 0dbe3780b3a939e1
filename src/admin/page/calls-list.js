/** Live calls, the longest waiting first. Only the visible rows are in the document, however many calls there are. */
import { el, setData, setText } from './dom.js';
import { clockOf } from './format.js';
import { t } from './words.js';

/** @import { CallShown } from '../board/view-model.ts' */
/** @import { Names } from './format.js' */

const COLUMNS = ['state', 'number', 'region', 'caller', 'where', 'wait', 'time'];
/** Rows drawn above and below the visible ones. */
const SPARE = 6;

/** @param {CallShown} call */
const stateOf = ({ state, prompt }) => (prompt && state !== 'talking' ? 'prompt' : state);

/** @param {CallShown} a @param {CallShown} b */
function order(a, b) {
  const [waitsA, waitsB] = [a.state !== 'talking', b.state !== 'talking'];
  if (waitsA !== waitsB) return waitsA ? -1 : 1;
  return waitsA ? a.arrivedAt - b.arrivedAt : b.since - a.since;
}

class Row {
  constructor() {
    this.link = el('a', { 'data-link': true, class: 'cell-number' });
    this.cells = Object.fromEntries(
      COLUMNS.map((key) => [key, el('span', { role: 'cell', class: `cell cell-${key}` })]),
    );
    this.badge = el('span', { class: 'badge' });
    this.unit = el('span', { class: 'cell-unit' });
    this.cells.state?.append(this.badge);
    this.cells.number?.append(this.link, this.unit);
    this.node = el('div', { role: 'row', class: 'row' }, ...Object.values(this.cells));
  }

  /** @param {CallShown} call @param {Names} names @param {number} now @param {number} index @param {number} top */
  show(call, names, now, index, top) {
    const { cells, node, link, badge, unit } = this;
    const state = stateOf(call);
    const waited = call.waitedMs ?? now - call.arrivedAt;
    setData(node, 'state', state);
    setData(node, 'late', call.state === 'talking' ? 'no' : waited > 30_000 ? 'very' : waited > 15_000 ? 'yes' : 'no');
    node.setAttribute('aria-rowindex', String(index + 2));
    node.style.transform = `translateY(${top}px)`;
    setText(badge, t(`state_${state}`));
    setText(link, call.number ?? '–');
    link.setAttribute('href', `/calls/${encodeURIComponent(call.id)}`);
    setText(unit, names.unit(call.number));
    const place = call.agent === null ? names.destination(call.to) : `${call.agent} · ${names.destination(call.to)}`;
    const text = {
      region: names.region(call.region),
      caller: call.caller === 'withheld' ? t('withheld') : call.caller,
      where: call.to === null ? '–' : place,
    };
    for (const [key, value] of Object.entries(text)) setText(/** @type {Node} */ (cells[key]), value);
    setText(/** @type {Node} */ (cells.wait), clockOf(waited));
    setText(/** @type {Node} */ (cells.time), call.state === 'talking' ? clockOf(now - call.since) : '');
  }
}

export class CallsList {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.heads = COLUMNS.map((key) => el('span', { role: 'columnheader', class: `cell cell-${key}` }));
    this.space = el('div', { class: 'rows-space' });
    this.empty = el('p', { class: 'empty' });
    this.body = el('div', { role: 'rowgroup', class: 'rows', tabindex: '0' }, this.space);
    this.table = el('div', { role: 'table', class: 'calls-table' });
    this.table.append(
      el('div', { role: 'rowgroup' }, el('div', { role: 'row', class: 'row row-head' }, ...this.heads)),
      this.body,
    );
    root.append(this.table, this.empty);
    /** @type {Row[]} */
    this.rows = [];
    /** @type {readonly CallShown[]} */
    this.calls = [];
    /** @type {Names | undefined} */
    this.names = undefined;
    this.now = 0;
    this.body.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.body);
  }

  /** @param {readonly CallShown[]} calls those that fit the filter @param {number} total @param {Names} names @param {number} now */
  show(calls, total, names, now) {
    this.calls = [...calls].sort(order);
    this.names = names;
    this.now = now;
    for (const [n, head] of this.heads.entries()) setText(head, t(COLUMNS[n] ?? ''));
    this.table.setAttribute('aria-label', t('liveCalls'));
    this.body.setAttribute('aria-label', t('liveCalls'));
    this.table.setAttribute('aria-rowcount', String(calls.length + 1));
    setText(this.empty, calls.length > 0 ? '' : t(total === 0 ? 'nobodyCalls' : 'nothingFits'));
    this.draw();
  }

  draw() {
    const { names, body, calls, rows } = this;
    if (names === undefined) return;
    const height = Number.parseFloat(getComputedStyle(body).getPropertyValue('--row')) || 36;
    this.space.style.height = `${calls.length * height}px`;
    const first = Math.max(0, Math.floor(body.scrollTop / height) - SPARE);
    const count = Math.min(calls.length - first, Math.ceil(body.clientHeight / height) + 2 * SPARE);
    while (rows.length < count) {
      const row = new Row();
      rows.push(row);
      body.append(row.node);
    }
    for (const row of rows.splice(Math.max(0, count))) row.node.remove();
    for (const [n, row] of rows.entries()) {
      const call = calls[first + n];
      if (call) row.show(call, names, this.now, first + n, (first + n) * height);
    }
  }
}
