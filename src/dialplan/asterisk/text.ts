/** How extensions are written down in Asterisk's `extensions.conf`. Pure. */

/** One extension: what it matches, and what it does from priority 1 on. */
export interface Extension {
  /** A name, or a pattern with its `_`. */
  readonly exten: string;
  /** Only for callers that match this; any caller without it. */
  readonly caller?: string;
  readonly steps: readonly string[];
  /** A line above it. */
  readonly comment?: string;
}

export const extension = ({ exten, caller, steps, comment }: Extension): string =>
  [
    ...(comment === undefined ? [] : [`; ${comment}`]),
    ...steps.map((step, index) =>
      index === 0 ? `exten => ${exten}${caller === undefined ? '' : `/${caller}`},1,${step}` : ` same => n,${step}`,
    ),
  ].join('\n');

export const context = (name: string, comment: string, extensions: readonly Extension[]): string =>
  [`; ${comment}`, `[${name}]`, ...extensions.map(extension), ''].join('\n');
