/** One call: what happened, and why it was routed so. */
import { reasonWords } from './because.js';
import { el } from './dom.js';
import { clockOf, momentOf, secondsOf } from './format.js';
import { ask, Refused } from './service.js';
import { t } from './words.js';

/** @import { CallLogShown } from '../board/view-model.ts' */
/** @import { PastRecord } from '../../records/record.ts' */
/** @import { Routed } from '../../routing/routing.ts' */
/** @import { PlanStep } from '../../routing/steps.ts' */
/** @import { Names } from './format.js' */

/** @param {string | null | undefined} caller */
const callerWords = (caller) => caller ?? t('withheld');

/** What one record says. @param {PastRecord} record @param {Names} names @returns {string} */
function stepWords(record, names) {
  switch (record.type) {
    case 'arrived':
      return t('step_arrived', {
        dialled: record.dialled,
        caller: callerWords(record.caller),
        trunk: record.trunk ?? '–',
      });
    case 'routed':
      if (record.number === null) return t('step_routed_none');
      return t('step_routed', { rule: record.rule ?? '–', from: t(`from_${record.regionFrom}`) });
    case 'prompted':
      return t(`step_prompted_${record.result}`, { prompt: record.prompt });
    case 'ringing':
      return t('step_ringing', { to: names.destination(record.to), endpoints: record.endpoints.join(', ') });
    case 'queued':
      return (
        t('step_queued', { to: names.destination(record.to) }) +
        (record.skill === null ? '' : ` · ${t('skill', { value: record.skill })}`)
      );
    case 'answered':
      return t('step_answered', {
        agent: record.agent ?? t('agent'),
        to: names.destination(record.to),
        waited: secondsOf(record.waitedMs),
      });
    case 'transferred':
      return t('step_transferred', { to: names.destination(record.to), stage: t(`stage_${record.stage}`) });
    case 'recorded':
      return (
        t(`step_recorded_${record.state}`, { file: record.file }) +
        (record.reason === null ? '' : ` (${t(`reason_${record.reason}`)})`)
      );
    case 'missed':
      return t('step_missed', { reason: t(`reason_${record.reason}`) });
    case 'ended':
      return endWords(record);
    default:
      return '';
  }
}

/** @param {Extract<PastRecord, { type: 'ended' }>} record */
function endWords({ cause, by, talkedMs }) {
  if (cause === 'given-back') return t('step_ended_given-back');
  if (cause === 'unseen') return t('step_ended_unseen');
  if (talkedMs === null) return t('step_ended', { by: t(`by_${by}`) });
  return t('step_ended_talked', { by: t(`by_${by}`), talked: clockOf(talkedMs) });
}

/** @param {readonly PastRecord[]} records @param {Names} names */
const storyList = (records, names) =>
  el(
    'ol',
    { class: 'story' },
    ...records.map((record) =>
      el(
        'li',
        { 'data-type': record.type },
        el('time', {}, secondsOf(record.ms)),
        el('span', {}, stepWords(record, names)),
      ),
    ),
  );

const SPLITS = /** @type {const} */ (['networkMs', 'promptMs', 'ringMs', 'queueMs']);

/** Where the time went, as one bar. @param {readonly PastRecord[]} records */
function timeBar(records) {
  const told = records.findLast((record) => record.type === 'ended' || record.type === 'answered');
  if (told?.waits === undefined) return null;
  const { waits } = told;
  const talkedMs = told.type === 'ended' ? (told.talkedMs ?? 0) : 0;
  const parts = [
    ...SPLITS.map((key) => /** @type {const} */ ([key, waits[key]])),
    /** @type {const} */ (['talk', talkedMs]),
  ];
  const shown = parts.filter(([, ms]) => ms > 0);
  const segments = shown.map(([key, ms]) => {
    const segment = el('i', { class: `split-${key}` });
    segment.style.flexGrow = String(Math.max(1, ms));
    return segment;
  });
  const legend = shown.map(([key, ms]) =>
    el(
      'li',
      {},
      el('b', { class: `key split-${key}`, 'aria-hidden': 'true' }),
      `${t(`split_${key}`)} ${secondsOf(ms)}`,
    ),
  );
  return el(
    'div',
    { class: 'times' },
    el('div', { class: 'time-bar', 'aria-hidden': 'true' }, ...segments),
    el('ul', { class: 'legend' }, ...legend),
  );
}

/** @param {PlanStep} step @param {Names} names */
function planWords(step, names) {
  switch (step.do) {
    case 'play':
      return t('do_play', { prompt: step.prompt });
    case 'connect': {
      const limit = step.ringSeconds ?? step.waitSeconds;
      const notes = [
        step.skill === undefined ? '' : t('skill', { value: step.skill }),
        limit === undefined ? '' : t('upTo', { value: limit }),
      ];
      return [t('do_connect', { to: names.destination(step.to) }), ...notes].filter((each) => each !== '').join(' · ');
    }
    case 'hangup':
      return t('do_hangup', { cause: step.cause });
    case 'answer':
      return t('do_answer');
    default: // a newer service's
      return t(`do_${/** @type {PlanStep} */ (/** @satisfies {never} */ (step)).do}`);
  }
}

/** @param {Routed} why @param {Names} names */
function whyParts({ considered, passedOver = [], plan, region, mode, unit, number }, names) {
  const facts = [
    [t('number'), `${number} ${unit} · ${t(`mode_${mode}`)}`],
    [t('regionFrom'), `${t(`from_${region.from}`)} → ${names.region(region.id)}`],
  ];
  const rules = considered.map(({ rule, matched, because }) =>
    el(
      'li',
      { 'data-holds': String(matched) },
      el('b', {}, t(matched ? 'ruleHolds' : 'rulePasses', { rule })),
      el('span', {}, reasonWords(because, names)),
    ),
  );
  const closed = passedOver.map(({ to, because }) =>
    el(
      'li',
      { 'data-holds': 'false' },
      el('b', {}, names.destination(to)),
      el('span', {}, reasonWords(because, names)),
    ),
  );
  return [
    el('dl', { class: 'facts' }, ...facts.flatMap(([key, value]) => [el('dt', {}, key), el('dd', {}, value)])),
    el('h3', {}, t('rules')),
    el('ol', { class: 'rules' }, ...rules),
    ...(closed.length > 0 ? [el('h3', {}, t('closed')), el('ul', { class: 'rules' }, ...closed)] : []),
    el('h3', {}, t('plan')),
    el('ol', { class: 'plan' }, ...plan.map((step) => el('li', { 'data-do': step.do }, planWords(step, names)))),
  ];
}

/** @param {CallLogShown} story @param {Names} names */
function whyPanel({ why }, names) {
  if (why === null) return [el('p', { class: 'note' }, t('whyUnknown'))];
  return why.number === null ? [el('p', {}, t('refusedNumber'))] : whyParts(why, names);
}

/** @param {CallLogShown} story @param {Names} names */
function headOf({ id, isUp, records }, names) {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) return el('header');
  const answered = records.find((record) => record.type === 'answered');
  const arrived = records.find((record) => record.type === 'arrived');
  const files = last.type === 'ended' ? (last.recordings ?? []).map(({ file }) => file) : [];
  const figures = [
    [t('waited'), answered ? secondsOf(answered.waitedMs) : '–'],
    [t('talked'), last.type === 'ended' && last.talkedMs !== null ? clockOf(last.talkedMs) : '–'],
    [t('region'), names.region(first.region)],
    [t('caller'), callerWords(arrived?.caller)],
    [t('when'), momentOf(Date.parse(first.at) - first.ms)],
    [t('pbx'), first.switch],
    [t('revision'), first.revision.slice(0, 8)],
    ...(files.length > 0 ? [[t('recordings'), files.join(', ')]] : []),
  ];
  return el(
    'header',
    { class: 'call-head' },
    el('h1', {}, first.number ?? '–', el('small', {}, names.unit(first.number))),
    el('span', { class: 'badge', 'data-up': String(isUp) }, t(isUp ? 'isUp' : 'isOver')),
    el('code', {}, id),
    el(
      'dl',
      { class: 'figures' },
      ...figures.map(([key, value]) => el('div', {}, el('dt', {}, key), el('dd', {}, value))),
    ),
  );
}

export class CallView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.told = '';
  }

  /** @param {string} id @param {Names} names */
  async show(id, names) {
    try {
      /** @type {CallLogShown} */
      const story = await ask(`/calls/${encodeURIComponent(id)}`);
      this.#draw(story, names);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      this.#put(el('p', { class: 'panel' }, t('noSuchCall')));
    }
  }

  /** @param {CallLogShown} story @param {Names} names */
  #draw(story, names) {
    const told = `${document.documentElement.lang} ${story.id} ${story.isUp} ${story.records.length} ${names.revision}`;
    if (this.told === told) return;
    this.told = told;
    this.#put(
      headOf(story, names),
      el(
        'section',
        { class: 'panel' },
        el('h2', {}, t('story')),
        timeBar(story.records),
        storyList(story.records, names),
      ),
      el('section', { class: 'panel' }, el('h2', {}, t('why')), ...whyPanel(story, names)),
    );
  }

  /** @param {readonly Node[]} parts */
  #put(...parts) {
    this.root.replaceChildren(el('a', { href: '/', 'data-link': true, class: 'back' }, `← ${t('back')}`), ...parts);
  }

  leave() {
    this.told = '';
    this.root.replaceChildren();
  }
}
