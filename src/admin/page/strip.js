/** The status line at the foot: the table, the links, the feed. Only what is wrong stands out. */
import { el } from './dom.js';
import { t } from './words.js';

/** @import { ServiceShown } from '../board/view-model.ts' */

/** @typedef {{ name: string, value: string, grade: 'good' | 'fair' | 'poor' | 'none', title?: string | undefined }} Item */

const SOURCES = {
  file: 'fromFile',
  redis: 'fromRedis',
  operator: 'fromOperator',
  'last-known-good': 'fromLastKnownGood',
};

/** @param {ServiceShown} service @returns {Item} */
function tableItem({ revision, source, problem, canary, candidate }) {
  const from = t(/** @type {Record<string, string>} */ (SOURCES)[source] ?? source);
  const notes = [problem, candidate === null ? null : t('candidateWaits')].filter((each) => each !== null);
  const more = canary === null ? '' : ` · ${t('canary', { value: canary })}`;
  const isFair = candidate !== null || source === 'last-known-good';
  return {
    name: t('revision'),
    value: `${revision.slice(0, 8)} · ${from}${more}`,
    grade: problem !== null ? 'poor' : isFair ? 'fair' : 'good',
    title: notes.join('; ') || undefined,
  };
}

/** @param {ServiceShown} service @returns {Item} */
function fleetItem({ drift, controllers }) {
  if (drift === null) return { name: t('controllers'), value: t('driftUnknown'), grade: 'fair' };
  if (drift > 0) return { name: t('controllers'), value: t('drift', { value: drift }), grade: 'poor' };
  return { name: t('controllers'), value: t('inStep', { value: controllers }), grade: 'good' };
}

/** @param {number} ms */
const roughly = (ms) =>
  ms < 60_000 ? `${(ms / 1000).toFixed(1)} ${t('seconds')}` : `${Math.round(ms / 60_000)} ${t('minuteShort')}`;

/** @param {ServiceShown['feed']['sinks'][number]} sink @returns {Item} */
function sinkItem({ name, state, backlog, lagMs, dead, dropped, lastError }) {
  const words = {
    ok: t('ok'),
    behind: t('behind', { value: roughly(lagMs) }),
    down: t('down'),
  };
  const more = [state === 'ok' ? '' : t('backlog', { value: backlog }), dead > 0 ? t('dead', { value: dead }) : ''];
  if (dropped > 0) more.push(t('dropped', { value: dropped }));
  const grade = state === 'ok' ? (dead + dropped > 0 ? 'fair' : 'good') : state === 'behind' ? 'fair' : 'poor';
  return {
    name: `${t('feed')} ${name}`,
    value: [words[state], ...more].filter((each) => each !== '').join(' · '),
    grade,
    title: lastError ?? undefined,
  };
}

/** @returns {Item} */
const noSinks = () => ({ name: t('feed'), value: t('noSinks'), grade: 'none' });

/** @param {ServiceShown['feed']['spool']} spool @returns {Item[]} */
function spoolItems({ bytes, limitBytes, lost, state }) {
  if (state === 'empty' && lost === 0) return [];
  const share = limitBytes > 0 ? `${Math.round((bytes / limitBytes) * 100)}%` : '';
  const value = lost > 0 ? `${share} · ${t('lost', { value: lost })}` : share;
  return [{ name: t('spool'), value, grade: lost > 0 || state === 'full' ? 'poor' : 'fair' }];
}

/** @param {ServiceShown} service @returns {readonly Item[]} */
function itemsOf(service) {
  const { switches, feed } = service;
  /** @param {string} name @param {boolean} isUp @returns {Item} */
  const linkItem = (name, isUp) => ({ name, value: t(isUp ? 'up' : 'down'), grade: isUp ? 'good' : 'poor' });
  return [
    tableItem(service),
    fleetItem(service),
    ...switches.map(({ name, connected }) => linkItem(`${t('pbx')} ${name}`, connected)),
    ...(feed.redis === null ? [] : [linkItem(t('redis'), feed.redis)]),
    ...(feed.sinks.length > 0 ? feed.sinks.map(sinkItem) : [noSinks()]),
    ...spoolItems(feed.spool),
  ];
}

/** @param {HTMLElement} root @param {ServiceShown} service */
export function showStrip(root, service) {
  const items = itemsOf(service);
  const told = JSON.stringify(items);
  if (root.dataset.told === told) return;
  root.dataset.told = told;
  root.replaceChildren(
    ...items.map(({ name, value, grade, title }) =>
      el(
        'span',
        { class: 'item', 'data-grade': grade, title },
        el('i', { 'aria-hidden': 'true' }),
        el('span', {}, name),
        el('b', {}, value),
      ),
    ),
  );
}
