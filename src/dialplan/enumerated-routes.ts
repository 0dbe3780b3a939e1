/**
 * The routes of every call that a dialplan can distinguish, enumerated by asking `route`. The fallback dialplans are made
 * of these and of nothing else, so they send a call where the controller would (design §4.1). Pure.
 */
import { sampleCallsFrom } from '../routing/compare/sample-calls.ts';
import { route } from '../routing/plan.ts';
import type { CallFacts, Routed } from '../routing/routing.ts';
import { PROVINCE, type Region, type Table } from '../routing/table.ts';
import {
  areaCodesOf,
  type CallerShape,
  dialledShapes,
  fixedLineShapes,
  mobileShapes,
  prefixesByStart,
} from './number-shapes.ts';

/** The time matters neither for numbers nor for regions. */
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

export interface DialledRoute {
  readonly number: string;
  /** Region by the area code dialled; undefined: it depends on the caller, or is unknown. */
  readonly region: string | undefined;
}

/** Every string that stands for a number of the table. */
export const dialledRoutes = (table: Table): ReadonlyMap<string, DialledRoute> => {
  const routes = new Map<string, DialledRoute>();
  for (const shape of [...table.numbers.keys()].flatMap((number) => dialledShapes(table, number))) {
    const routing = ask(table, { dialled: shape });
    if (routing === undefined) continue;
    const { id, from } = routing.region;
    routes.set(shape, { number: routing.number, region: from === 'dialled-area-code' ? id : undefined });
  }
  return routes;
};

/** A shape of callers, and the region it tells. */
export interface CallerRoute extends CallerShape {
  readonly region: string;
}

/** Callers whose area code tells the region. */
export const fixedLineRoutes = (table: Table): readonly CallerRoute[] => {
  const [number = ''] = table.numbers.keys();
  return areaCodesOf(table)
    .flatMap(fixedLineShapes)
    .flatMap((shape) => {
      const region = ask(table, { dialled: number, caller: shape.sample })?.region;
      return region?.from === 'caller-area-code' ? [{ ...shape, region: region.id }] : [];
    });
};

/** Mobile callers by how their number starts: the shapes in which that start is read, and its prefixes. */
export interface MobileStart {
  /** e.g. `1380` */
  readonly start: string;
  readonly shapes: readonly CallerShape[];
  /** `1380592` → region id */
  readonly prefixes: ReadonlyMap<string, string>;
}

export const mobileStarts = (table: Table): readonly MobileStart[] => {
  const [number = ''] = table.numbers.keys();
  const isRead = ({ sample }: CallerShape): boolean =>
    ask(table, { dialled: number, caller: sample })?.region.from === 'caller-mobile-prefix';
  return Array.from(prefixesByStart(table), ([start, prefixes]) => {
    const [sample = ''] = prefixes.keys();
    return { start, shapes: mobileShapes(sample).filter(isRead), prefixes };
  });
};

/** Region of calls whose city is unknown. */
export const NOTHING_TELLS = PROVINCE;

/** The route of each number in one region at one time; without numbers that no call can reach there. */
export const routesIn = (table: Table, region: Region, at: Date): readonly Routed[] =>
  [...table.numbers.keys()].flatMap((number) => {
    const routes = sampleCallsFrom(table, region, number).map((facts) => ask(table, facts, at));
    return routes.find((each) => each?.region.id === region.id) ?? [];
  });
