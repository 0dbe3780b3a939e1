import { expect, test } from 'vitest';
import { spokenText } from '../../../src/prompts/spoken-text.ts';

test('hotline numbers are said digit by digit', () => {
  expect(spokenText('已并入12345热线')).toBe('已并入幺二三四五热线');
  expect(spokenText('96119')).toBe('九六幺幺九');
});

test('quantities stay numbers', () => {
  expect(spokenText('请在15秒后，24小时内')).toBe('请在15秒后，24小时内');
});
