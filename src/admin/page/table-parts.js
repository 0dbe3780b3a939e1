/** What the view of the table is made of. */
import { el } from './dom.js';
import { momentOf } from './format.js';
import { t } from './words.js';

/** @import { TableShown } from '../table-api.ts' */

export const short = (/** @type {string | null} */ revision) => revision?.slice(0, 8) ?? '–';

/** @param {readonly (readonly [string, string | Node | null])[]} facts */
const factList = (facts) =>
  el('dl', { class: 'facts' }, ...facts.flatMap(([key, value]) => [el('dt', {}, key), el('dd', {}, value)]));

/** @param {readonly any[]} problems */
export const problemList = (problems) =>
  el(
    'ul',
    { class: 'problems' },
    ...problems.map(({ line, column, severity, code, message }) =>
      el(
        'li',
        { 'data-severity': severity },
        el('code', {}, `${line}:${column}`),
        el('b', {}, code),
        el('span', {}, message),
      ),
    ),
  );

/** @param {readonly string[]} moves */
export const moveList = (moves) => el('ul', { class: 'moves' }, ...moves.map((each) => el('li', {}, each)));

/** @param {TableShown} table @param {(line: string) => string} told */
export function liveFacts({ revision, source, who, when, summary, previous, problem, canary }, told) {
  const sources = {
    file: 'fromFile',
    redis: 'fromRedis',
    operator: 'fromOperator',
    'last-known-good': 'fromLastKnownGood',
  };
  return factList([
    [t('revision'), el('code', { class: 'revision' }, revision)],
    [t('source'), t(sources[source])],
    [t('since'), momentOf(when)],
    [t('changedBy'), who],
    [t('summary'), told(summary)],
    [t('previous'), el('code', {}, short(previous))],
    ...(canary === null
      ? []
      : [
          /** @type {const} */ ([
            t('what_canary'),
            `${short(canary.revision)} · ${canary.takes} · ${canary.answered} / ${canary.ended}`,
          ]),
        ]),
    ...(problem === undefined ? [] : [/** @type {const} */ (['!', el('b', { class: 'bad' }, problem)])]),
  ]);
}

/** @param {TableShown} table */
export function fleetList({ fleet, revision }) {
  if (fleet === null) return null;
  if (!fleet.connected) return el('p', { class: 'note' }, t('driftUnknown'));
  const rows = fleet.controllers.map((each) =>
    el(
      'li',
      { 'data-drifts': String(each.revision !== revision) },
      el('b', {}, each.name),
      el('code', {}, short(each.revision)),
      el('span', { 'data-age': true }, each.problem ?? ''),
    ),
  );
  return el('div', {}, el('h3', {}, t('controllers')), el('ul', { class: 'fleet' }, ...rows));
}
