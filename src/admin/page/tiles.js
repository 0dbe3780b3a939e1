/** The large figures: what somebody reads from across the room. */
import { el, setData, setText } from './dom.js';
import { clockOf, gradeOf, percent, shareOf } from './format.js';
import { t } from './words.js';

/** @import { Figures } from '../board/view-model.ts' */

/**
 * @typedef {object} Shown
 * @property {string} value
 * @property {string} unit
 * @property {string} note
 * @property {'none' | 'good' | 'fair' | 'poor'} grade
 */

/** @param {Figures} figures @param {number} now @returns {number} */
const longestWait = ({ destinations }, now) =>
  Math.max(0, ...destinations.map(({ waitingSince }) => (waitingSince === null ? 0 : now - waitingSince)));

/** @param {number} ms @returns {Shown['grade']} */
const gradeOfWait = (ms) => {
  if (ms < 15_000) return 'none';
  return ms < 30_000 ? 'fair' : 'poor';
};

/** @param {Figures} figures @param {'within15' | 'within30' | 'answered'} field @returns {Shown} */
function level({ hour, day }, field) {
  const share = shareOf(hour, field);
  const all = hour.answered + hour.missed;
  const ofDay = t('inDay', { value: `${percent(shareOf(day, field))}%` });
  return {
    value: percent(share),
    unit: share === undefined ? '' : '%',
    note: all === 0 ? t('noneYet') : `${t('ofCalls', { value: all })} · ${ofDay}`,
    grade: gradeOf(share, field),
  };
}

/** @type {Record<string, (figures: Figures, now: number) => Shown>} */
const TILES = {
  liveCalls: ({ live }) => ({
    value: String(live.total),
    unit: '',
    note: `${t('talking')} ${live.talking} · ${t('state_prompt')} ${live.prompt}`,
    grade: 'none',
  }),
  waiting: (figures, now) => {
    const longest = longestWait(figures, now);
    const waiting = figures.live.total - figures.live.talking;
    const note = `${t('longestWait')} ${longest > 0 ? clockOf(longest) : '–'}`;
    return { value: String(waiting), unit: '', note, grade: gradeOfWait(longest) };
  },
  level15: (figures) => level(figures, 'within15'),
  level30: (figures) => level(figures, 'within30'),
  connected: ({ hour, day }) => {
    const share = shareOf(day, 'answered');
    const note = `${t('lastHour')} ${percent(shareOf(hour, 'answered'))}% · ${t('target')}`;
    return { value: percent(share), unit: share === undefined ? '' : '%', note, grade: gradeOf(share, 'answered') };
  },
  averageWait: ({ hour, day }) => {
    const average = (/** @type {import('../board/view-model.ts').Level} */ each) =>
      each.answered === 0 ? '–' : (each.waitedMs / each.answered / 1000).toFixed(1);
    const value = average(hour);
    const missed = `${t('missedHour')} ${hour.missed}`;
    return {
      value,
      unit: value === '–' ? '' : t('seconds'),
      note: `${missed} · ${t('inDay', { value: `${average(day)} ${t('seconds')}` })}`,
      grade: 'none',
    };
  },
};

/** Which stretch of time a tile is about. @type {Record<string, string>} */
const SPANS = { level15: 'lastHour', level30: 'lastHour', connected: 'lastDay', averageWait: 'lastHour' };

export class Tiles {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.parts = Object.keys(TILES).map((key) => {
      const [name, span, value, unit, note] = ['tile-name', 'tile-span', 'tile-value', 'tile-unit', 'tile-note'].map(
        (each) => el('span', { class: each }),
      );
      const figure = el('span', { class: 'tile-figure' }, value, unit);
      const tile = el(
        'div',
        { class: `tile tile-${key}` },
        el('span', { class: 'tile-head' }, name, span),
        figure,
        note,
      );
      root.append(tile);
      return /** @type {const} */ ({ key, tile, name, span, value, unit, note });
    });
  }

  /** @param {Figures} figures @param {number} now */
  show(figures, now) {
    for (const { key, tile, name, span, value, unit, note } of this.parts) {
      const shown = TILES[key]?.(figures, now);
      if (!shown || !name || !span || !value || !unit || !note) continue;
      setText(name, t(key));
      setText(span, SPANS[key] ? t(SPANS[key]) : '');
      setText(value, shown.value);
      setText(unit, shown.unit);
      setText(note, shown.note);
      setData(tile, 'grade', shown.grade);
    }
  }
}
