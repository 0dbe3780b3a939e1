/** Requests to the service with the token of this tab, and the board's stream of events. */

const KEPT = 'hotline.token';
/** Figures come every second, so a connection silent for so long counts as dead. */
const SILENT_MS = 10_000;
const AGAIN_MS = [500, 1000, 2000, 4000];

export const tokenNow = () => sessionStorage.getItem(KEPT);

/** @param {string | null} token */
export function keepToken(token) {
  if (token === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, token);
}

export class Refused extends Error {
  /** @param {number} status @param {{ code: string, message: string, problems?: object[] }} told */
  constructor(status, { code, message, problems = [] }) {
    super(message);
    this.status = status;
    this.code = code;
    /** @type {readonly any[]} */
    this.problems = problems;
  }
}

const headersNow = () => ({ authorization: `Bearer ${tokenNow() ?? ''}` });

/**
 * @template T
 * @param {string} path below `/api`
 * @param {{ body?: object, ifMatch?: string }} [more] with a body it is a change
 * @returns {Promise<T>}
 */
export async function ask(path, { body, ifMatch } = {}) {
  const answer = await fetch(`/api${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...headersNow(),
      ...(body && { 'content-type': 'application/json' }),
      ...(ifMatch && { 'if-match': `"${ifMatch}"` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

/** @param {string} text @returns {{ name: string, data: any } | undefined} */
function eventIn(text) {
  const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? [];
  return name && data ? { name, data: JSON.parse(data) } : undefined;
}

/**
 * Events of the board until `signal` aborts; connects again by itself, a little later each time.
 * (Not EventSource: that can send no header, and a token in an address would be in logs.)
 * @param {AbortSignal} signal
 * @param {{ event: (name: string, data: any) => void, state: (state: 'live' | 'reconnecting') => void, refused: () => void }} tell
 */
export async function listen(signal, tell) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await listenOnce(signal, tell, () => {
        failures = 0;
      });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return tell.refused();
    }
    if (signal.aborted) return;
    tell.state('reconnecting');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]));
    failures += 1;
  }
}

/** @param {AbortSignal} signal @param {{ event: (name: string, data: any) => void, state: (state: 'live') => void }} tell @param {() => void} connected */
async function listenOnce(signal, tell, connected) {
  const silent = new AbortController();
  const answer = await fetch('/api/events', {
    headers: headersNow(),
    signal: AbortSignal.any([signal, silent.signal]),
  });
  if (!answer.ok || answer.body === null) throw new Refused(answer.status, await answer.json());
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const timer = setTimeout(() => silent.abort(), SILENT_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const heard = eventIn(part);
      if (heard === undefined) continue;
      connected();
      tell.state('live');
      tell.event(heard.name, heard.data);
    }
  }
}
