/** The charts: calls and levels by minute, and how long people wait. Drawn by uPlot, read out as a sentence. */
import { el, setText } from './dom.js';
import { percent, shareOf } from './format.js';
import uPlot from './uplot.js';
import { t } from './words.js';

/** @import { Figures, Level, MinuteShown } from '../board/view-model.ts' */

const INK = '#93a1b1';
const GRID = { stroke: 'rgb(147 161 177 / 12%)', width: 1 };
const FONT = '12px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
export const COLOURS = { arrived: '#5aa9ff', missed: '#ff7b72', within15: '#4cc38a', within30: '#8b9cf5' };
const HEIGHT_LEAST = 120;

/** @param {Partial<import('uplot').Axis>} more @returns {import('uplot').Axis} */
const axis = (more = {}) => ({ stroke: INK, grid: GRID, ticks: { show: false }, font: FONT, ...more });

/** Seconds and not a date stand below the bars of waits. @type {import('uplot').Axis.Values} */
const clockLabels = (_plot, splits) =>
  splits.map((at) => new Date(at * 1000).toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit' }));

/** A chart that fills its place. */
class Chart {
  /** @param {HTMLElement} place @param {Omit<import('uplot').Options, 'width' | 'height'>} options */
  constructor(place, options) {
    this.place = place;
    place.setAttribute('role', 'img');
    this.sentence = el('span', { class: 'unseen' });
    const size = () => ({
      width: Math.max(160, place.clientWidth),
      height: Math.max(HEIGHT_LEAST, place.clientHeight),
    });
    const common = { legend: { show: false }, cursor: { show: false }, padding: /** @type {any} */ ([8, 8, 0, 0]) };
    this.plot = new uPlot(
      { ...common, ...options, ...size() },
      /** @type {any} */ ([[], ...options.series.slice(1).map(() => [])]),
      place,
    );
    new ResizeObserver(() => this.plot.setSize(size())).observe(place);
  }

  /** @param {(number | null)[][]} data @param {string} words */
  show(data, words) {
    this.plot.setData(/** @type {any} */ (data));
    if (this.place.getAttribute('aria-label') !== words) this.place.setAttribute('aria-label', words);
  }
}

/** @param {readonly MinuteShown[]} minutes @param {number} size @returns {readonly MinuteShown[]} */
function summed(minutes, size) {
  const groups = Map.groupBy(minutes, ({ at }) => Math.floor(at / (size * 60_000)));
  return Array.from(groups.values(), (group) => ({
    at: group[0]?.at ?? 0,
    ...group.reduce((/** @type {Level} */ sum, each) => addLevels(sum, each), NOTHING),
  }));
}

/** @param {Level} a @param {Level} b @returns {Level} */
const addLevels = (a, b) => ({
  arrived: a.arrived + b.arrived,
  answered: a.answered + b.answered,
  missed: a.missed + b.missed,
  within15: a.within15 + b.within15,
  within30: a.within30 + b.within30,
  waitedMs: a.waitedMs + b.waitedMs,
});

const ROLLING_MINUTES = 15;

/** Shares over the quarter of an hour before each minute, null where nobody waited. @param {readonly MinuteShown[]} minutes @param {'within15' | 'within30'} field */
const rolling = (minutes, field) =>
  minutes.map((_, n) => {
    const window = minutes.slice(Math.max(0, n - ROLLING_MINUTES + 1), n + 1);
    const share = shareOf(
      window.reduce((/** @type {Level} */ sum, each) => addLevels(sum, each), { ...NOTHING }),
      field,
    );
    return share === undefined ? null : share * 100;
  });

const NOTHING = { arrived: 0, answered: 0, missed: 0, within15: 0, within30: 0, waitedMs: 0 };

/** @param {string} colour @param {string} alpha */
const pale = (colour, alpha) => colour + alpha;

const bars = uPlot.paths.bars?.({ size: [0.82, 64], radius: 0.25, gap: 1 });

/** @param {string} colour */
const bar = (colour) => ({
  stroke: colour,
  width: 0,
  fill: colour,
  ...(bars && { paths: bars }),
  points: { show: false },
});

const countAxis = () => axis({ size: 38, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] });

const fromZero = {
  y: {
    range: /** @type {any} */ (
      (/** @type {unknown} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [
        0,
        Math.max(4, high * 1.15),
      ]
    ),
  },
};

export class Charts {
  /** @param {{ calls: HTMLElement, level: HTMLElement, waits: HTMLElement }} places */
  constructor({ calls, level, waits }) {
    /** @type {1 | 6} */
    this.hours = 1;
    this.calls = new Chart(calls, {
      scales: fromZero,
      axes: [axis({ values: clockLabels, space: 70, size: 26 }), countAxis()],
      series: [
        {},
        { stroke: COLOURS.arrived, width: 2, fill: pale(COLOURS.arrived, '22'), points: { show: false } },
        bar(COLOURS.missed),
      ],
    });
    this.level = new Chart(level, {
      scales: { y: { range: [0, 100] } },
      axes: [
        axis({ values: clockLabels, space: 70, size: 26 }),
        axis({ size: 46, incrs: [25], values: (_plot, splits) => splits.map((each) => `${each}%`) }),
      ],
      series: [
        {},
        { stroke: COLOURS.within30, width: 2, points: { show: false } },
        { stroke: COLOURS.within15, width: 2.5, fill: pale(COLOURS.within15, '1c'), points: { show: false } },
      ],
    });
    /** @type {readonly number[]} */
    this.edges = [];
    const edgeNames = (/** @type {unknown} */ _plot, /** @type {number[]} */ splits) =>
      splits.map((n) =>
        this.edges[n] !== undefined ? `${this.edges[n]}` : n === this.edges.length ? `>${this.edges.at(-1)}` : '',
      );
    this.waits = new Chart(waits, {
      scales: { x: { time: false, range: (_plot, low, high) => [low - 0.6, high + 0.6] }, ...fromZero },
      axes: [axis({ values: edgeNames, incrs: [1], space: 18, size: 26, grid: { show: false } }), countAxis()],
      series: [{}, bar(COLOURS.missed), bar(COLOURS.within15)],
    });
  }

  /** @param {Figures} figures @param {readonly MinuteShown[]} trend */
  show(figures, trend) {
    const minutes = trend.slice(-60 * this.hours - 1, -1); // the minute that is not over would look like a fall
    const shown = this.hours === 1 ? minutes : summed(minutes, 5);
    const at = (/** @type {readonly MinuteShown[]} */ list) => list.map((each) => each.at / 1000);
    const { hour, waits } = figures;
    const counts = `${t('lastHour')}: ${t('arrived')} ${hour.arrived}, ${t('answered')} ${hour.answered}, ${t('missed')} ${hour.missed}`;
    this.calls.show(
      [at(shown), shown.map(({ arrived }) => arrived), shown.map(({ missed }) => missed || null)],
      `${t('callsByMinute')}. ${counts}`,
    );
    const levels = `${t('level15')} ${percent(shareOf(hour, 'within15'))}%, ${t('level30')} ${percent(shareOf(hour, 'within30'))}%`;
    this.level.show(
      [at(minutes), rolling(minutes, 'within30'), rolling(minutes, 'within15')],
      `${t('levelByMinute')}. ${t('lastHour')}: ${levels}`,
    );
    this.edges = waits.edges;
    const all = waits.answered.map((count, n) => count + (waits.missed[n] ?? 0));
    const bars = all.map((count, n) => (count === 0 ? '' : `≤ ${waits.edges[n] ?? '∞'} ${t('seconds')}: ${count}`));
    this.waits.show(
      [all.map((_, n) => n), all.map((count) => count || null), waits.answered.map((count) => count || null)],
      `${t('waits')}. ${bars.filter((each) => each !== '').join(', ')}`,
    );
  }
}

/** A choice of one among a few. @param {HTMLElement} root @param {readonly string[]} keys @param {(key: string) => void} chosen */
export function choice(root, keys, chosen) {
  const buttons = keys.map((key, n) => {
    const made = el('button', { type: 'button', 'aria-pressed': String(n === 0) });
    made.addEventListener('click', () => {
      for (const each of buttons) each.setAttribute('aria-pressed', String(each === made));
      chosen(key);
    });
    return made;
  });
  root.append(...buttons);
  return () => {
    for (const [n, each] of buttons.entries()) setText(each, t(keys[n] ?? ''));
  };
}
