/** Lines of a table's diff, and summaries of changes, as the service words them, in Chinese. Ids and what is not known stay. */
import { languageNow } from './words.js';

/** @import { Names } from './format.js' */

/** @param {string} ids @param {(id: string) => string} region */
const regions = (ids, region) => ids.split(', ').map(region).join('、');

/** One after the other; each leaves alone what it does not know. @type {readonly (readonly [RegExp, (region: (id: string) => string, ...found: readonly string[]) => string])[]} */
const WORDS = [
  [/^nothing moves$/, () => '不影响任何来电的去向'],
  [
    /^nobody who answered stays in (.+?)(?: and (\d+) more)?, to which (\d+) numbers? leads?$/,
    (_, places, more, count) =>
      `原有人员一个不留：${places}${more === 'undefined' ? '' : ` 等另 ${more} 处`}（通往该处的号码 ${count} 个）`,
  ],
  [/^started on (.+)$/, (_, file) => `启动，路由表 ${file}`],
  [/^also changed: /, () => '另有变化：'],
  [/^and (\d+) more$/, (_, count) => `及另外 ${count} 项`],
  [/^(\d+) numbers? unchanged$/, (_, count) => `${count} 个号码不变`],
  [/^(\d+) numbers (?=everywhere|in )/, (_, count) => `${count} 个号码`],
  [/^(\S+) (?=everywhere|in )/, (_, number) => `${number} `],
  [/(^|[ 码])everywhere(?=[: ])/, (_, before) => `${before}各地`],
  [/(^|[ 码])in (\d+) regions/, (_, before, count) => `${before}在 ${count} 个地区`],
  [/(^|[ 码])in ([a-z]+(?:, [a-z]+)*)(?=[: ])/, (region, before, ids = '') => `${before}在${regions(ids, region)}`],
  [/ at (\d{4}-[\d\-:, ]+\d)(?=: )/, (_, times) => `（${times}）`],
  [/ \(all but ([a-z]+(?:, [a-z]+)*)\)/, (region, ids = '') => `（${regions(ids, region)}除外）`],
  [/ and (\d+) more\]/, (_, count) => ` 等另 ${count} 个]`],
  [/, then /g, () => '，再到 '],
  [/ as before\b/, () => '（照旧）'],
  [/\bwait (\d+) s/g, (_, seconds) => `等待 ${seconds} 秒`],
  [/\bring (\d+) s/g, (_, seconds) => `振铃 ${seconds} 秒`],
  [/\bno limit\b/g, () => '不限时'],
  [/(?<=: |; )prompt (?=\S+ → |none)/g, () => '提示音 '],
  [/(?<=: |; )apology (?=\S+ → |none)/g, () => '致歉音 '],
  [/(?<=: |; )read as (?=\S+ → )/g, () => '识别为 '],
  [/\bskill (?=\d)/g, () => '专席 '],
  [/\b(nobody|none)(?= →|$|;|,|\b)/g, () => '无'],
  [/\brefused(?= →|$|;)/g, () => '拒绝'],
  [/(?<=：)expectations: (\d+) gone, (\d+) new/, (_, gone, come) => `预期：减 ${gone}，增 ${come}`],
  [/(?<=：)mobile prefixes: (\d+) differ, /, (_, count) => `手机号段：${count} 处不同，`],
  [/(?<=：)number (?=\d)/, () => '号码 '],
  [/(?<=：)prompt(?= \S+:)/, () => '提示音'],
  [/ (?:is|are) new$/, () => ' 新增'],
  [/ (?:is|are) gone$/, () => ' 删除'],
];

/** @param {string} line @param {(id: string) => string} region */
function inChinese(line, region) {
  const [, to, rest = ''] = /^(?:back to (\w+): )?(.*)$/.exec(line) ?? [];
  const said = WORDS.reduce(
    (text, [shape, say]) => text.replace(shape, (...found) => say(region, ...found.slice(1, -2).map(String))),
    rest,
  );
  return to === undefined ? said : `回退到 ${to}：${said}`;
}

/** A line, or several that `; ` joins. @param {string} line @param {Names} names */
export const moveWords = (line, names) =>
  languageNow() === 'en'
    ? line
    : line
        .split(/; (?=also changed: |and \d+ more$|\d+ numbers? |\d+ (?:everywhere|in )|96\d+ )/)
        .map((each) => inChinese(each, (id) => names.region(id)))
        .join('；');
