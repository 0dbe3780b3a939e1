import { describe, expect, test } from 'vitest';
import { readCaller, readDialled } from '../../../src/routing/numbering.ts';
import { liveTable } from './tables.ts';

const table = liveTable();

describe('a number in any shape a carrier delivers it', () => {
  const inXiamen = [
    '059212333',
    '59212333',
    '8659212333',
    '+8659212333',
    '008659212333',
    '86059212333',
    '0592-12333',
    '+86 592 12333',
    '(0592)12333',
  ];
  for (const raw of inXiamen) {
    test(`${raw} is 12333 dialled with Xiamen's area code`, () => {
      expect(readDialled(raw, table)).toEqual({ number: '12333', areaCode: '0592' });
    });
  }

  for (const raw of ['12333', ' 12333 ', '1 2333', '+8612333', '8612333', '008612333']) {
    test(`${raw} is 12333 dialled without an area code`, () => {
      expect(readDialled(raw, table)).toEqual({ number: '12333', areaCode: undefined });
    });
  }

  const notOurs = [
    '',
    '110',
    '12345',
    '01012333',
    '075512333',
    '123330',
    '1233',
    '012333',
    '+112333',
    '+85212333',
    '0012333',
    '12333*',
    '059212333x',
    'sip:12333',
    '１２３３３',
    '0592',
    '++8612333',
    '86',
    '0'.repeat(500),
  ];
  for (const raw of notOurs) {
    test(`${JSON.stringify(raw.slice(0, 20))} is not a number of the table`, () => {
      expect(readDialled(raw, table)).toBeNull();
    });
  }
});

describe('where a caller is, from the number shown', () => {
  for (const raw of [
    '05922001234',
    '5922001234',
    '865922001234',
    '+865922001234',
    '00865922001234',
    '0592-2001234',
    '059212345',
  ]) {
    test(`${raw} is a fixed line in Xiamen`, () => {
      expect(readCaller(raw, table)).toEqual({ kind: 'fixed', areaCode: '0592' });
    });
  }

  for (const raw of [
    '13800000000',
    '013800000000',
    '+8613800000000',
    '8613800000000',
    '008613800000000',
    '138 0000 0000',
  ]) {
    test(`${raw} is the mobile 13800000000`, () => {
      expect(readCaller(raw, table)).toEqual({ kind: 'mobile', prefix: '1380000' });
    });
  }

  for (const raw of [null, '', '  ', 'anonymous', 'Anonymous', 'UNKNOWN', 'private', 'Restricted', 'unavailable']) {
    test(`${JSON.stringify(raw)} is a caller who withholds the number`, () => {
      expect(readCaller(raw, table)).toEqual({ kind: 'withheld' });
    });
  }

  for (const raw of [
    '0',
    '110',
    '01012345678',
    '22001234',
    '12800000000',
    '+14155550100',
    'abc',
    '0592',
    '059220012345678',
    "'; drop",
  ]) {
    test(`${raw} tells nothing`, () => {
      expect(readCaller(raw, table)).toEqual({ kind: 'unknown' });
    });
  }
});
