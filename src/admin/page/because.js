/** Reasons of routing as the service words them, in Chinese. One that is not known here stays as it is. */
import { languageNow } from './words.js';

/** @import { Names } from './format.js' */

/** Several reasons are joined by commas; each begins with one of these. */
const NEXT = /, (?=region is |trunk is |has held |holds until |caller is |\S+ \S+ is within )/;

/** @type {readonly (readonly [RegExp, (names: Names, ...found: readonly string[]) => string])[]} */
const REASONS = [
  [/^takes every call$/, () => '适用于所有来电'],
  [/^region is (\w+)$/, (names, region = '') => `地区为${names.region(region)}`],
  [
    /^region is (\w+), this rule is for (.+)$/,
    (names, region = '', others = '') =>
      `地区为${names.region(region)}，本规则只用于${others
        .split(', ')
        .map((each) => names.region(each))
        .join('、')}`,
  ],
  [/^trunk is ([^,]+)$/, (_, trunk) => `中继为 ${trunk}`],
  [/^trunk is (.+?), this rule is for (.+)$/, (_, trunk, others) => `中继为 ${trunk}，本规则只用于 ${others}`],
  [/^no trunk is told, this rule is for (.+)$/, (_, others) => `未知中继，本规则只用于 ${others}`],
  [/^caller is in (.+)$/, (_, lists) => `主叫在名单 ${lists} 中`],
  [/^caller withholds the number, this rule is for (.+)$/, (_, lists) => `主叫隐藏号码，本规则只用于名单 ${lists}`],
  [/^caller (\S+) is not in (.+)$/, (_, caller, lists) => `主叫 ${caller} 不在名单 ${lists} 中`],
  [/^(.+) is within hours (.+)$/, (_, at, hours) => `${at} 在服务时间 ${hours} 内`],
  [/^(.+) is outside hours (.+)$/, (_, at, hours) => `${at} 不在服务时间 ${hours} 内`],
  [/^has held from (.+)$/, (_, from) => `自 ${from} 起生效`],
  [/^holds from (.+) on, not yet$/, (_, from) => `自 ${from} 起生效，尚未到时`],
  [/^holds until (.+)$/, (_, until) => `有效至 ${until}`],
  [/^held until (.+), no more$/, (_, until) => `有效至 ${until}，已过期`],
];

/** @param {string} reason @param {Names} names */
function one(reason, names) {
  for (const [shape, say] of REASONS) {
    const found = shape.exec(reason);
    if (found) return say(names, ...found.slice(1));
  }
  return reason;
}

/** @param {string} because @param {Names} names */
export const reasonWords = (because, names) =>
  languageNow() === 'en'
    ? because
    : because
        .split(NEXT)
        .map((each) => one(each, names))
        .join('；');
