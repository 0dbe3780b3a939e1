import { describe, expect, test } from 'vitest';
import { route } from '../../../src/routing/plan.ts';
import type { RegionFound } from '../../../src/routing/routing.ts';
import { liveText, tableOf } from './tables.ts';

const table = tableOf(
  liveText.replace('# mobilePrefixes:', 'mobilePrefixes:'),
  'prefix,region\n1380000,putian\n1390000,pingtan\n',
);

const regionOf = (dialled: string, caller: string | null, trunk: string | null = null): RegionFound | undefined => {
  const routing = route(table, { dialled, caller, trunk }, new Date(0));
  return routing.number === null ? undefined : routing.region;
};

describe('the region of a call is told by the first that answers', () => {
  test('the trunk, before everything else', () => {
    expect(regionOf('059212333', '05952001234', 'pingtan')).toEqual({ id: 'pingtan', from: 'trunk' });
  });
  test('the area code dialled, where the trunk brings calls from everywhere', () => {
    expect(regionOf('059212333', '05952001234', 'exchange')).toEqual({ id: 'xiamen', from: 'dialled-area-code' });
  });
  test('the area code dialled, where nobody knows the trunk', () => {
    expect(regionOf('059212333', '05952001234', 'no-such-trunk')).toEqual({ id: 'xiamen', from: 'dialled-area-code' });
  });
  test("the caller's area code", () => {
    expect(regionOf('12333', '05952001234')).toEqual({ id: 'quanzhou', from: 'caller-area-code' });
  });
  test("the caller's mobile prefix", () => {
    expect(regionOf('12333', '+8613800001111')).toEqual({ id: 'putian', from: 'caller-mobile-prefix' });
    expect(regionOf('12333', '13900001111')).toEqual({ id: 'pingtan', from: 'caller-mobile-prefix' });
  });
  test('the province, where nothing tells', () => {
    for (const caller of [null, 'anonymous', '13700001111', '01012345678', 'rubbish']) {
      expect(regionOf('12333', caller)).toEqual({ id: 'province', from: 'default' });
    }
  });
  test('0591 is Fuzhou, also for a caller in Pingtan', () => {
    expect(regionOf('059112333', null)?.id).toBe('fuzhou');
    expect(regionOf('12333', '059123112345')?.id).toBe('fuzhou');
  });
});
