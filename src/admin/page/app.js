/** The page: who is signed in, which view is open, and the board that feeds them all. */
import { BoardView } from './board-view.js';
import { CallView } from './call-view.js';
import { byId, inputById, say, setData, setText } from './dom.js';
import { Names } from './format.js';
import { MissedView } from './missed-view.js';
import { ask, keepToken, listen, Refused, tokenNow } from './service.js';
import { Store } from './store.js';
import { showStrip } from './strip.js';
import { TableView } from './table-view.js';
import { languageNow, putWords, setLanguage, t } from './words.js';

/** Shortest time between two drawings; for the clocks it is drawn once a second in any case. */
const DRAWN_EVERY_MS = 250;
const STORY_EVERY_MS = 1000;
/** The table's page, and that of missed calls. */
const ASKED_EVERY_MS = 5000;

/** @typedef {{ name: string, role: string, endpoint: string | null, may: readonly string[] }} Me */
/** @typedef {{ view: 'board' | 'table' | 'missed' } | { view: 'call', id: string }} Place */

const store = new Store();
const board = new BoardView();
const call = new CallView(byId('view-call'));
const table = new TableView(byId('view-table'));
const missed = new MissedView(byId('view-missed'));

/** @type {Me | undefined} */
let me;
/** @type {Names | undefined} */
let names;
let isAskingNames = false;
let listening = new AbortController();
let drawnAt = 0;
let storyAt = 0;
let askedAt = 0;

/** @returns {Place} */
function placeNow() {
  const [, id] = /^\/calls\/(.+)$/.exec(location.pathname) ?? [];
  if (id !== undefined) return { view: 'call', id: decodeURIComponent(id) };
  if (location.pathname === '/missed') return { view: 'missed' };
  return { view: location.pathname === '/table' ? 'table' : 'board' };
}

/** @param {'sign-in' | 'board' | 'call' | 'table' | 'missed'} open */
function openView(open) {
  for (const view of ['sign-in', 'board', 'call', 'table', 'missed']) byId(`view-${view}`).hidden = view !== open;
  for (const link of document.querySelectorAll('[data-nav]'))
    link.toggleAttribute('aria-current', link.getAttribute('data-nav') === open);
  document.body.dataset.view = open;
  const title = open === 'board' || open === 'sign-in' ? t('brand') : t(open === 'missed' ? 'missedCalls' : open);
  document.title = `${title} · 12345`;
}

/** What goes wrong while a view is filled is told once, and tried again with the next turn. @param {Promise<void>} work */
function attempt(work) {
  work.catch((error) => {
    if (error instanceof Refused && error.status === 401) signOut(true);
    else say(t('unreachable'));
  });
}

function go() {
  call.leave();
  table.leave();
  missed.leave();
  if (me === undefined) return openView('sign-in');
  const place = placeNow();
  openView(place.view);
  storyAt = 0;
  askedAt = 0;
  draw(true);
  byId('main').focus({ preventScroll: true });
}

/** @param {boolean} [isForced] */
function draw(isForced = false) {
  const now = performance.now();
  if (me === undefined || (!isForced && now - drawnAt < DRAWN_EVERY_MS)) return;
  drawnAt = now;
  const { service } = store;
  if (service) showStrip(byId('strip'), service);
  if (service && service.revision !== names?.revision) attempt(refreshNames());
  if (!names) return;
  const place = placeNow();
  if (place.view === 'board') board.show(store, names);
  if (place.view === 'call' && now - storyAt > STORY_EVERY_MS) {
    storyAt = now;
    attempt(call.show(place.id, names));
  }
  const isDue = askedAt === 0 || (now - askedAt > ASKED_EVERY_MS && !document.querySelector('dialog[open]'));
  if (!isDue || (place.view !== 'table' && place.view !== 'missed')) return;
  askedAt = now;
  if (place.view === 'table') attempt(table.show(me.may.includes('changeTable'), names));
  else attempt(missed.show(me.may.includes('handleCalls'), names));
}

async function refreshNames() {
  if (isAskingNames) return;
  isAskingNames = true;
  try {
    names = new Names(await ask('/numbers'));
  } finally {
    isAskingNames = false;
  }
  draw(true);
}

/** @param {'live' | 'reconnecting'} state */
function showLink(state) {
  const link = byId('link');
  if (link.dataset.state === state) return;
  setData(link, 'state', state);
  setText(byId('link-words'), t(state));
  say(t(`said_${state}`));
}

function showMe() {
  for (const id of ['nav', 'link', 'who', 'sign-out', 'strip']) byId(id).hidden = me === undefined;
  setText(byId('who'), me ? `${me.name} · ${t(me.role)}` : '');
}

async function signIn() {
  me = await ask('/me');
  listening.abort();
  listening = new AbortController();
  showMe();
  attempt(refreshNames());
  go();
  await listen(listening.signal, {
    event: (name, data) => {
      store.take(name, data);
      draw();
    },
    state: showLink,
    refused: () => signOut(true),
  });
}

/** @param {boolean} isRefused */
function signOut(isRefused) {
  keepToken(null);
  listening.abort();
  me = undefined;
  names = undefined;
  setText(byId('sign-in-refusal'), isRefused ? t('wrongToken') : '');
  showMe();
  go();
}

/** @param {unknown} error */
function signInFailed(error) {
  if (error instanceof Refused && error.status === 401) return signOut(true);
  setText(byId('sign-in-refusal'), error instanceof Refused ? error.message : t('unreachable'));
}

function showLanguage() {
  putWords();
  board.putWords();
  const button = byId('language');
  setText(button, t('language'));
  button.setAttribute('aria-label', t('languageLabel'));
  setText(byId('link-words'), t(byId('link').dataset.state === 'live' ? 'live' : 'reconnecting'));
  byId('strip').dataset.told = '';
  showMe();
}

byId('language').addEventListener('click', () => {
  setLanguage(languageNow() === 'zh' ? 'en' : 'zh');
  showLanguage();
  table.draw();
  storyAt = 0;
  askedAt = 0;
  const place = placeNow();
  openView(me === undefined ? 'sign-in' : place.view);
  draw(true);
});

byId('sign-out').addEventListener('click', () => signOut(false));

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(inputById('token').value.trim());
  inputById('token').value = '';
  setText(byId('sign-in-refusal'), '');
  signIn().catch(signInFailed);
});

// Links within the page do not load it anew, so the stream of events stays open.
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[data-link]') : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, '', link.getAttribute('href'));
  go();
});
window.addEventListener('popstate', go);

const showClock = () => setText(byId('clock'), new Date().toLocaleTimeString('sv-SE'));

setInterval(() => {
  showClock();
  draw();
}, 1000);
showClock();

// Parts that scroll can be reached and scrolled by keyboard.
for (const each of document.querySelectorAll('.scroll')) {
  each.setAttribute('tabindex', '0');
  each.setAttribute('role', 'region');
}
setLanguage(languageNow());
showLanguage();
if (tokenNow() === null) go();
else signIn().catch(signInFailed);
