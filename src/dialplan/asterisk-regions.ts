/**
 * The first half of the fallback dialplan: from what was dialled, by whom, over which trunk, to a number and a region.
 * Every line is an answer of `route`; a shape that it does not read gets no line. Pure.
 */
import { route } from '../routing/plan.ts';
import type { CallFacts, Routed } from '../routing/routing.ts';
import { PROVINCE, type Table } from '../routing/table.ts';
import { context, type Extension, plainText } from './asterisk-text.ts';
import {
  areaCodesOf,
  dialledShapes,
  fixedLineShapes,
  foldPrefixes,
  mobileShapes,
  prefixesByStart,
} from './number-shapes.ts';

const EXTEN = `\${EXTEN}`;

/** Numbers and regions are read alike at any time. */
const ANY_TIME = new Date(0);

/** What `route` says of a call; undefined: not one of the table's numbers. */
export const ask = (
  table: Table,
  facts: Partial<CallFacts> & Pick<CallFacts, 'dialled'>,
  at: Date = ANY_TIME,
): Routed | undefined => {
  const routing = route(table, { caller: null, trunk: null, ...facts }, at);
  return routing.number === null ? undefined : routing;
};

/** Goes on with a number and the region so far found, unless the trunk named one. */
const found = (number: string, region: string): string => `Gosub(hotline-fallback-found,${number},1(${region}))`;

const entry = (table: Table): string => {
  const ofTrunks = [...table.trunks.values()].flatMap(({ id, region }) =>
    region === undefined
      ? []
      : [`Set(HOTLINE_REGION=\${IF($["\${HOTLINE_TRUNK}" = "${id}"]?${region}:\${HOTLINE_REGION})})`],
  );
  const steps = ['Set(HOTLINE_REGION=)', ...ofTrunks, `Goto(hotline-fallback-dialled,${EXTEN},1)`];
  return context('hotline-fallback', 'The way in. A trunk that names a region wins over everything else.', [
    { exten: '_[+0-9]!', steps },
  ]);
};

const dialled = (table: Table): string => {
  const lines = new Map<string, Extension>();
  for (const { number, unit } of table.numbers.values()) {
    for (const shape of dialledShapes(table, number)) {
      const routing = ask(table, { dialled: shape });
      if (routing === undefined) continue;
      const isTold = routing.region.from === 'dialled-area-code';
      const step = isTold
        ? found(routing.number, routing.region.id)
        : `Goto(hotline-fallback-caller,${routing.number},1)`;
      const comment = shape === number ? { comment: `${number} ${plainText(unit)}` } : {};
      lines.set(shape, { exten: shape, steps: [step], ...comment });
    }
  }
  const stranger = { exten: '_[+0-9]!', steps: ['Hangup(1)'], comment: 'Not in the table: 404, nothing is dialled' };
  return context('hotline-fallback-dialled', 'Every shape of every number.', [...lines.values(), stranger]);
};

const caller = (table: Table): string => {
  const [number = ''] = table.numbers.keys();
  const fixed = areaCodesOf(table)
    .flatMap(fixedLineShapes)
    .flatMap(({ pattern, sample }): Extension[] => {
      const region = ask(table, { dialled: number, caller: sample })?.region;
      if (region?.from !== 'caller-area-code') return [];
      return [{ exten: '_X!', caller: `_${pattern}`, steps: [found(EXTEN, region.id)] }];
    });
  const mobile = Array.from(prefixesByStart(table)).flatMap(([start, prefixes]) =>
    mobileShapes([...prefixes.keys()][0] ?? '').flatMap(({ pattern, sample }): Extension[] => {
      if (ask(table, { dialled: number, caller: sample })?.region.from !== 'caller-mobile-prefix') return [];
      const steps = [`Gosub(hotline-fallback-mobile-${start},\${CALLERID(num):-11:7},1(${EXTEN}))`];
      return [{ exten: '_X!', caller: `_${pattern}`, steps }];
    }),
  );
  const nothing = { exten: '_X!', steps: [found(EXTEN, PROVINCE)], comment: 'Nothing tells the city' };
  const extensions = [...fixed, ...mobile, nothing];
  return context('hotline-fallback-caller', "No area code was dialled: the region is the caller's.", extensions);
};

/** The hotline number comes as ARG1. */
const mobile = (start: string, prefixes: ReadonlyMap<string, string>): string => {
  const known = foldPrefixes(prefixes).map(({ exten, region }) => ({ exten, steps: [found(`\${ARG1}`, region)] }));
  const unknown = { exten: '_X!', steps: [found(`\${ARG1}`, PROVINCE)] };
  return context(`hotline-fallback-mobile-${start}`, `Mobile prefixes ${start}…`, [...known, unknown]);
};

const foundContext = context('hotline-fallback-found', 'A number and, as ARG1, the region of its call.', [
  {
    exten: '_X!',
    steps: [
      `Set(__HOTLINE_REGION=\${IF($["\${HOTLINE_REGION}" = ""]?\${ARG1}:\${HOTLINE_REGION})})`,
      `Goto(hotline-fallback-in-\${HOTLINE_REGION},${EXTEN},1)`,
    ],
  },
]);

export const regionContexts = (table: Table): readonly string[] => [
  entry(table),
  dialled(table),
  caller(table),
  ...Array.from(prefixesByStart(table), ([start, prefixes]) => mobile(start, prefixes)),
  foundContext,
];
