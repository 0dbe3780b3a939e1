/** The wallboard: the store, drawn at most twice a second. */
import { CallsList } from './calls-list.js';
import { Charts, choice } from './charts.js';
import { byId, inputById, setText } from './dom.js';
import { AgentList, LevelTable, QueueTable } from './lists.js';
import { Tiles } from './tiles.js';

/** @import { CallShown } from '../board/view-model.ts' */
/** @import { Names } from './format.js' */
/** @import { Store } from './store.js' */

/** @type {Record<string, (call: CallShown) => boolean>} */
const FILTERS = {
  all: () => true,
  waiting: ({ state }) => state !== 'talking',
  talking: ({ state }) => state === 'talking',
};

export class BoardView {
  constructor() {
    this.tiles = new Tiles(byId('tiles'));
    this.charts = new Charts({ calls: byId('chart-calls'), level: byId('chart-level'), waits: byId('chart-waits') });
    this.calls = new CallsList(byId('calls'));
    this.numbers = new LevelTable(byId('numbers'), 'number');
    this.regions = new LevelTable(byId('regions'), 'region');
    this.queues = new QueueTable(byId('queues'));
    this.agents = new AgentList(byId('agents'));
    this.filter = 'all';
    this.search = '';
    /** Draws once more what was drawn last. @type {() => void} */
    this.redraw = () => undefined;
    /** What the charts show. @type {import('../board/view-model.ts').Figures | undefined} */
    this.charted = undefined;
    this.chartedAs = '';
    const putFilter = choice(byId('filter'), Object.keys(FILTERS), (key) => {
      this.filter = key;
      this.redraw();
    });
    const putSpan = choice(byId('span'), ['span1', 'span6'], (key) => {
      this.charts.hours = key === 'span1' ? 1 : 6;
      this.redraw();
    });
    this.putWords = () => {
      putFilter();
      putSpan();
    };
    this.putWords();
    inputById('search').addEventListener('input', (event) => {
      this.search = /** @type {HTMLInputElement} */ (event.target).value.trim().toLowerCase();
      this.redraw();
    });
  }

  /** @param {Store} store @param {Names} names */
  show(store, names) {
    this.redraw = () => this.show(store, names);
    const { figures } = store;
    if (!figures) return;
    const now = store.now();
    this.tiles.show(figures, now);
    this.#showCalls(store, names, now);
    this.numbers.show(figures.numbers, names);
    this.regions.show(figures.regions, names);
    this.queues.show(figures, names, now);
    this.agents.show(figures.agents, now);
    const busy = figures.agents.filter(({ talkingSince }) => talkingSince !== null).length;
    setText(byId('agents-count'), figures.agents.length > 0 ? `${busy} / ${figures.agents.length}` : '');
    this.#showCharts(store);
  }

  /** Once a second is often enough for what moves by the minute. @param {Store} store */
  #showCharts(store) {
    const key = `${document.documentElement.lang} ${this.charts.hours}`;
    if (!store.figures || (this.charted === store.figures && this.chartedAs === key)) return;
    this.charted = store.figures;
    this.chartedAs = key;
    this.charts.show(store.figures, store.trend());
  }

  /** @param {Store} store @param {Names} names @param {number} now */
  #showCalls(store, names, now) {
    const fits = FILTERS[this.filter] ?? (() => true);
    const { search } = this;
    /** @param {CallShown} call */
    const isFound = (call) =>
      search === '' ||
      [
        call.number,
        names.unit(call.number),
        call.region,
        names.region(call.region),
        call.agent,
        call.caller,
        call.to,
        names.destination(call.to),
      ].some((each) => each?.toLowerCase().includes(search));
    const calls = [...store.calls.values()].filter((call) => fits(call) && isFound(call));
    setText(byId('live-count'), String(store.calls.size));
    this.calls.show(calls, store.calls.size, names, now);
  }
}
