/** The first half of the fallback dialplan for Asterisk. A shape of number that `route` does not read gets no line. Pure. */
import { dialledRoutes, fixedLineRoutes, mobileStarts, NOTHING_TELLS } from '../enumerated-routes.ts';
import { plainText, type RegionContexts } from '../fallback.ts';
import { foldPrefixes } from '../number-shapes.ts';
import { context, type Extension } from './text.ts';

const EXTEN = `\${EXTEN}`;

/** Goes on with a number and the region so far found, unless the trunk named one. */
const found = (number: string, region: string): string => `Gosub(hotline-fallback-found,${number},1(${region}))`;

const entry: RegionContexts['entry'] = (table) => {
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

const dialled: RegionContexts['dialled'] = (table) => {
  const lines = Array.from(dialledRoutes(table), ([shape, { number, region }]): Extension => {
    const step = region === undefined ? `Goto(hotline-fallback-caller,${number},1)` : found(number, region);
    const unit = table.numbers.get(shape)?.unit;
    return { exten: shape, steps: [step], ...(unit !== undefined && { comment: `${shape} ${plainText(unit)}` }) };
  });
  const stranger = { exten: '_[+0-9]!', steps: ['Hangup(1)'], comment: 'Not in the table: 404, nothing is dialled' };
  return context('hotline-fallback-dialled', 'Every shape of every number.', [...lines, stranger]);
};

const caller: RegionContexts['caller'] = (table) => {
  const fixed = fixedLineRoutes(table).map(({ pattern, region }): Extension => {
    return { exten: '_X!', caller: `_${pattern}`, steps: [found(EXTEN, region)] };
  });
  const mobile = mobileStarts(table).flatMap(({ start, shapes }) =>
    shapes.map(({ pattern }): Extension => {
      const steps = [`Gosub(hotline-fallback-mobile-${start},\${CALLERID(num):-11:7},1(${EXTEN}))`];
      return { exten: '_X!', caller: `_${pattern}`, steps };
    }),
  );
  const nothing = { exten: '_X!', steps: [found(EXTEN, NOTHING_TELLS)], comment: 'Nothing tells the city' };
  const extensions = [...fixed, ...mobile, nothing];
  return context('hotline-fallback-caller', "No area code was dialled: the region is the caller's.", extensions);
};

/** The hotline number comes as ARG1. */
const mobile: RegionContexts['mobile'] = ({ start, prefixes }) => {
  const known = foldPrefixes(prefixes).map(({ exten, region }) => ({ exten, steps: [found(`\${ARG1}`, region)] }));
  const unknown = { exten: '_X!', steps: [found(`\${ARG1}`, NOTHING_TELLS)] };
  return context(`hotline-fallback-mobile-${start}`, `Mobile prefixes ${start}…`, [...known, unknown]);
};

const whenFound = context('hotline-fallback-found', 'A number and, as ARG1, the region of its call.', [
  {
    exten: '_X!',
    steps: [
      `Set(__HOTLINE_REGION=\${IF($["\${HOTLINE_REGION}" = ""]?\${ARG1}:\${HOTLINE_REGION})})`,
      `Goto(hotline-fallback-in-\${HOTLINE_REGION},${EXTEN},1)`,
    ],
  },
]);

export const regions: RegionContexts = { entry, dialled, caller, mobile, found: whenFound };
