/** Just enough of Asterisk's pattern matching and applications to follow a call through a generated dialplan. */

interface Extension {
  readonly exten: string;
  readonly caller: string | undefined;
  readonly steps: string[];
}

/** Contexts of an `extensions.conf`, in order of lines. */
export type Dialplan = ReadonlyMap<string, readonly Extension[]>;

export const readDialplan = (text: string): Dialplan => {
  const contexts = new Map<string, Extension[]>();
  let extensions: Extension[] = [];
  for (const line of text.split('\n')) {
    const [, name] = /^\[([\w-]+)\]$/.exec(line) ?? [];
    const [, exten, caller, first] = /^exten => ([^,/]+)(?:\/([^,]+))?,1,(.+)$/.exec(line) ?? [];
    const [, next] = /^ same => n,(.+)$/.exec(line) ?? [];
    if (name !== undefined) {
      extensions = [];
      contexts.set(name, extensions);
    } else if (exten !== undefined && first !== undefined) extensions.push({ exten, caller, steps: [first] });
    else if (next !== undefined) extensions.at(-1)?.steps.push(next);
    else if (line !== '' && !line.startsWith(';')) throw new Error(`not a line of a dialplan: ${line}`);
  }
  return contexts;
};

/** `_0592X.` and the like, as a regular expression; `-` is not looked at. */
const matches = (pattern: string, text: string): boolean => {
  const plain = text.replaceAll('-', '');
  if (!pattern.startsWith('_')) return pattern.replaceAll('-', '') === plain;
  const body = pattern.slice(1).replace(/\+(?![^[]*\])/g, '\\+');
  return new RegExp(`^${body.replaceAll('X', '[0-9]').replace(/!$/, '.*')}$`).test(plain);
};

/** Names before patterns, an extension for certain callers before the same for all. */
const find = (extensions: readonly Extension[], exten: string, caller: string): Extension | undefined =>
  extensions
    .filter((each) => matches(each.exten, exten) && (each.caller === undefined || matches(each.caller, caller)))
    .sort((one, other) => rank(one) - rank(other))[0];

const rank = ({ exten, caller }: Extension): number => (exten.startsWith('_') ? 2 : 0) + (caller === undefined ? 1 : 0);

export interface Walked {
  readonly region: string;
  readonly name: string;
  /** The applications that do something for the caller. */
  readonly steps: readonly string[];
}

/** Follows a call from `hotline-fallback` to its plan. */
export const walk = (dialplan: Dialplan, dialled: string, caller: string, trunk: string): Walked => {
  const variables = new Map([
    ['HOTLINE_TRUNK', trunk],
    ['CALLERID(num)', caller],
  ]);
  const value = (name: string): string => {
    const [, base = name, from, length] = /^(.+):(-\d+):(\d+)$/.exec(name) ?? [];
    const full = variables.get(base) ?? '';
    return from === undefined ? full : full.slice(Number(from)).slice(0, Number(length));
  };
  const fill = (text: string): string =>
    text
      .replace(/\$\{((?!IF|LEN|FILTER)[^${}]+)\}/g, (_, name: string) => value(name))
      .replace(/\$\{IF\(\$\["([^"]*)" = "([^"]*)"\]\?([^:]*):([^)]*)\)\}/g, (_, one, other, yes, no) =>
        one === other ? yes : no,
      );
  let place = { context: 'hotline-fallback', exten: dialled };
  const done: string[] = [];
  for (let hop = 0; hop < 20; hop++) {
    const { context, exten } = place;
    const found = find(dialplan.get(context) ?? [], exten, caller);
    if (found === undefined) throw new Error(`no extension ${exten} in ${context}`);
    variables.set('EXTEN', exten);
    let next: typeof place | undefined;
    for (const raw of found.steps) {
      const step = fill(raw);
      const [, name, set] = /^Set\(_{0,2}([^=]+)=(.*)\)$/.exec(step) ?? [];
      const [, toContext, toExten, args] = /^(?:Goto|Gosub)\(([^,]+),([^,]*),1(?:\((.*)\))?\)$/.exec(step) ?? [];
      if (name !== undefined) variables.set(name, set ?? '');
      else if (toContext !== undefined) {
        next = { context: toContext, exten: toExten ?? '' };
        for (const [index, arg] of (args?.split(',') ?? []).entries()) variables.set(`ARG${index + 1}`, arg);
      } else done.push(step);
    }
    if (next === undefined) {
      return { region: value('HOTLINE_REGION'), name: value('CALLERID(name)'), steps: done };
    }
    place = next;
  }
  throw new Error(`${dialled} goes round and round`);
};
