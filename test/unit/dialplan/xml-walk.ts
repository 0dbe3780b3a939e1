/** Just enough of FreeSWITCH's XML and applications to follow a call through a generated dialplan. */

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
}

const decode = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** @throws at whatever is not an element with attributes, a comment or white space. */
const readXml = (text: string): Element => {
  const root: Element = { name: '', attributes: new Map(), children: [] };
  const open = [root];
  const rest = text.replace(/<!--((?!--).)*-->|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<>]*")*)\s*(\/?)>/gsu, (...found) => {
    const [, , close, name, attributes, single] = found as string[];
    if (name === undefined) return '';
    if (close === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes something else`);
      return '';
    }
    const pairs = (attributes ?? '').matchAll(/([\w-]+)="([^"]*)"/g);
    const element: Element = {
      name,
      attributes: new Map(Array.from(pairs, ([, key = '', value = '']) => [key, decode(value)])),
      children: [],
    };
    open.at(-1)?.children.push(element);
    if (single !== '/') open.push(element);
    return '';
  });
  if (rest.trim() !== '' || open.length !== 1) throw new Error(`not XML: ${rest.trim().slice(0, 80)}`);
  return root;
};

/** Elements of that name, wherever they stand. */
export const elementsOf = (text: string, name: string): readonly ReadonlyMap<string, string>[] => {
  const within = (element: Element): Element[] => [element, ...element.children.flatMap(within)];
  return within(readXml(text))
    .filter((element) => element.name === name)
    .map(({ attributes }) => attributes);
};

/** Contexts by name. */
export type Dialplan = ReadonlyMap<string, readonly Element[]>;

export const readDialplan = (text: string): Dialplan => {
  const [include] = readXml(text).children;
  return new Map(include?.children.map((each) => [each.attributes.get('name') ?? '', each.children]));
};

type Action = readonly [application: string, data: string];

const actionsOf = (condition: Element, kind: string, match: readonly string[]): Action[] =>
  condition.children
    .filter(({ name }) => name === kind)
    .map(({ attributes }) => [
      attributes.get('application') ?? '',
      (attributes.get('data') ?? '').replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? ''),
    ]);

export interface Walked {
  readonly variables: ReadonlyMap<string, string>;
  /** What was changed of the caller's own profile. */
  readonly profile: ReadonlyMap<string, string>;
  /** The applications that do something for the caller, across the ends of waits. */
  readonly steps: readonly string[];
}

/** A variable may stand in the argument of another's function; functions are left as they are. */
const fill = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => variables.get(name) ?? '');

/** What an extension does, or undefined: its conditions do not hold. */
const hunt = (extension: Element, variables: ReadonlyMap<string, string>): Action[] | undefined => {
  const actions: Action[] = [];
  for (const condition of extension.children) {
    const field = condition.attributes.get('field') ?? '';
    const value = field.startsWith('$') ? fill(field, variables) : (variables.get(field) ?? '');
    const match = new RegExp(condition.attributes.get('expression') ?? '', 'u').exec(value);
    if (match !== null) actions.push(...actionsOf(condition, 'action', match));
    else if (condition.attributes.get('break') === 'never') actions.push(...actionsOf(condition, 'anti-action', []));
    else return undefined;
  }
  return actions;
};

const SETTERS = new Set(['set', 'export', 'unset', 'privacy', 'set_profile_var']);

/** Variables that set a limit. */
const TOLD = new Set(['hotline_wait', 'call_timeout', 'fifo_orbit_exten']);

/** Follows a call from `hotline-fallback` to its plan, and through it if nobody ever answers. */
export const walk = (dialplan: Dialplan, dialled: string, caller: string, trunk: string): Walked => {
  const variables = new Map([
    ['uuid', 'the-call'],
    ['hotline_trunk', trunk],
    ['caller_id_number', caller],
    ['transfer_after_bridge', 'somewhere:XML:else'],
    ['hotline_region', 'left over'],
  ]);
  const profile = new Map<string, string>();
  const steps: string[] = [];
  let [place, number]: [string | undefined, string] = ['hotline-fallback', dialled];
  for (let hop = 0; hop < 30 && place !== undefined; hop++) {
    variables.set('destination_number', number);
    const extensions: readonly Element[] | undefined = dialplan.get(place);
    if (extensions === undefined) throw new Error(`no context ${place}`);
    const actions = extensions.map((each) => hunt(each, variables)).find((each) => each !== undefined);
    if (actions === undefined) throw new Error(`nothing for ${number} in ${place}`);
    place = undefined;
    for (const [application, raw] of actions) {
      const data = fill(raw, variables);
      const [, name = data, value = ''] = /^([^=]+)=(.*)$/s.exec(data) ?? [];
      if (application === 'unset') variables.delete(data);
      else if (application === 'set' || application === 'export') variables.set(name, value);
      else if (application === 'set_profile_var') profile.set(name, value);
      else if (application === 'transfer') [number = '', , place] = data.split(' ');
      if (!SETTERS.has(application) && application !== 'transfer') steps.push(`${application} ${data}`.trim());
      if (application === 'set' && TOLD.has(name)) steps.push(data);
    }
  }
  return { variables, profile, steps };
};
