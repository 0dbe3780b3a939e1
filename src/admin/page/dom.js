/** Small ways to make and find parts of the page. Text is always text: nothing here parses HTML. */
import { t } from './words.js';

/** @typedef {string | Node | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] true: there; false or undefined: not
 * @param {readonly Child[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** @param {string} id @returns {HTMLInputElement} */
export const inputById = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** Sets text only where it differs: what does not change is not read out again, nor drawn. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {HTMLElement} node @param {string} name @param {string} value */
export function setData(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** @param {string} text @param {() => void} act @param {string} [kind] */
export function button(text, act, kind = 'quiet') {
  const made = el('button', { type: 'button', class: kind }, text);
  made.addEventListener('click', act);
  return made;
}

/** Said once to who cannot see it. @param {string} text */
export const say = (text) => setText(byId('said'), text);

/** The browser's own dialog: Escape closes it, and focus stays in it. */
const dialog = () => /** @type {HTMLDialogElement} */ (byId('dialog'));

/** @param {string} title @param {readonly (Node | string)[]} content @param {readonly HTMLElement[]} buttons */
function open(title, content, buttons) {
  dialog().replaceChildren(
    el('h2', { id: 'dialog-title' }, title),
    el('div', { class: 'dialog-body' }, ...content),
    el('div', { class: 'dialog-buttons' }, ...buttons),
  );
  dialog().showModal();
}

/**
 * Asks before something changes; resolves with the answer.
 * @param {string} title @param {readonly (Node | string)[]} content @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function confirmed(title, content, yes) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<boolean>} */ (Promise.withResolvers());
  const close = (/** @type {boolean} */ answer) => () => {
    resolve(answer);
    dialog().close();
  };
  open(title, content, [button(t('cancel'), close(false)), button(yes, close(true), 'strong')]);
  dialog().addEventListener('close', () => resolve(false), { once: true });
  return promise;
}

/** @param {string} title @param {string} text */
export function showText(title, text) {
  open(title, [el('pre', { tabindex: '0' }, text)], [button(t('close'), () => dialog().close())]);
}
