/** Asks before something changes, and shows what is long. The dialog is the browser's own: Escape closes it, and focus stays in it. */
import { button, byId, el } from './dom.js';
import { t } from './words.js';

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
 * Resolves with whether it is to be done.
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
