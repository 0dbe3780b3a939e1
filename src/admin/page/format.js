/** Figures and names as they are shown. */
import { languageNow, t } from './words.js';

/** @import { Level } from '../board/view-model.ts' */
/** @import { NumbersShown } from '../table-api.ts' */

/** `0:07`, `12:30`, `1:02:03` @param {number} ms */
export function clockOf(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `6.7 s` @param {number} ms */
export const secondsOf = (ms) => `${(ms / 1000).toFixed(1)} ${t('seconds')}`;

/** Share of those whose wait is over; undefined: there are none. @param {Level} level @param {'within15' | 'within30' | 'answered'} field */
export function shareOf(level, field) {
  const all = level.answered + level.missed;
  return all === 0 ? undefined : level[field] / all;
}

/** `96.4`; 100 only for all of them. @param {number | undefined} share */
export function percent(share) {
  if (share === undefined) return '–';
  if (share === 1) return '100';
  return (Math.floor(share * 1000) / 10).toFixed(1);
}

/**
 * Published levels of the field: 15 s 91 %, 30 s 95 %; GB/T 33358 asks for 95 % connected.
 * @param {number | undefined} share
 * @param {'within15' | 'within30' | 'answered'} field
 * @returns {'none' | 'good' | 'fair' | 'poor'}
 */
export function gradeOf(share, field) {
  if (share === undefined) return 'none';
  const [good, fair] = field === 'within15' ? [0.9, 0.8] : [0.95, 0.85];
  if (share >= good) return 'good';
  return share >= fair ? 'fair' : 'poor';
}

/** @param {number} at Unix milliseconds */
export const timeOf = (at) =>
  new Date(at).toLocaleTimeString('zh-CN', { hour12: false, hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {string | number} at */
export const momentOf = (at) => new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Names of the table: what regions, numbers, queues and seats are called. */
export class Names {
  /** @param {NumbersShown} shown */
  constructor({ revision, regions, numbers, destinations }) {
    this.revision = revision;
    this.regions = new Map(regions.map(({ id, name }) => [id, name]));
    this.units = new Map(numbers.map(({ number, unit }) => [number, unit]));
    this.destinations = new Map(destinations.map((each) => [each.id, each]));
  }

  /** @param {string | null} id */
  region(id) {
    if (id === null) return '–';
    return languageNow() === 'zh' ? (this.regions.get(id) ?? id) : capital(id);
  }

  /** @param {string | null} number */
  unit(number) {
    return number === null ? '' : (this.units.get(number) ?? '');
  }

  /** @param {string | null} id */
  destination(id) {
    if (id === null) return '–';
    const label = this.destinations.get(id)?.label;
    return languageNow() === 'zh' && label !== undefined ? label : id.replace(/^\w+:/, '');
  }

  /** @param {string} id */
  phones(id) {
    return this.destinations.get(id)?.phones ?? 0;
  }
}
