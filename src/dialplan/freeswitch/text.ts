/** How a dialplan and lists are written down in FreeSWITCH's XML. Pure. */

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** An element without content. */
export const element = (name: string, attributes: Readonly<Record<string, string | number>>): string =>
  `${opening(name, attributes).slice(0, -1)}/>`;

export const opening = (name: string, attributes: Readonly<Record<string, string | number>>): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${written.join('')}>`;
};

/** An element that holds a text. */
export const textElement = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text: string,
): string => `${opening(name, attributes)}${escapeXml(text)}</${name}>`;

export const params = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([name, value]) => element('param', { name, value }));

export type Action = readonly [application: string, data?: string];

export interface Condition {
  /** `destination_number`, `caller_id_number`, or a variable: `${name}`. */
  readonly field: string;
  /** A regular expression; its groups are `$1`, `$2` in the actions. */
  readonly expression: string;
  readonly actions: readonly Action[];
  /** Actions where it does not match; the next condition is looked at either way. */
  readonly otherwise?: readonly Action[];
}

/** Its conditions hold from first to last; the first extension of a context whose conditions hold takes the call. */
export interface Extension {
  readonly name: string;
  readonly conditions: readonly Condition[];
  /** A line above it. */
  readonly comment?: string;
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const written = (kind: 'action' | 'anti-action', [application, data]: Action): string =>
  element(kind, { application, ...(data !== undefined && { data }) });

const condition = ({ field, expression, actions, otherwise }: Condition): string[] => [
  opening('condition', { field, expression, ...(otherwise !== undefined && { break: 'never' }) }),
  ...indent(actions.map((action) => written('action', action))),
  ...indent((otherwise ?? []).map((action) => written('anti-action', action))),
  '</condition>',
];

/** In a comment two hyphens would end it. */
export const comment = (text: string): string => `<!-- ${text.replace(/--+/g, '-')} -->`;

const extension = ({ name, conditions, comment: above }: Extension): string[] => [
  ...(above === undefined ? [] : [comment(above)]),
  opening('extension', { name }),
  ...indent(conditions.flatMap(condition)),
  '</extension>',
];

export const context = (name: string, about: string, extensions: readonly Extension[]): string =>
  [comment(about), opening('context', { name }), ...indent(extensions.flatMap(extension)), '</context>', ''].join('\n');

/** Any of these texts, as one expression. */
export const anyOf = (texts: readonly string[]): string => texts.map(literal).join('|');

export const literal = (text: string): string => text.replace(/[^\p{L}\p{N}_-]/gu, '\\$&');

/** The condition that always holds. */
export const ANY_NUMBER = { field: 'destination_number', expression: '^.*$' } as const;

export const goTo = (number: string, place: string): Action => ['transfer', `${number} XML ${place}`];

/** The number in hand goes on to another context. */
export const goOn = (place: string): Action => goTo(`\${destination_number}`, place);

/** What FreeSWITCH dials for an endpoint: `name` is a user of its directory, `number@trunk` goes over a gateway. */
export const dialString = (endpoint: string): string => {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
};
