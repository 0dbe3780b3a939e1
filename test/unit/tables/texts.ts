/** The shipped table, changed in ways that tests of live tables need. */
import { liveText } from '../routing/tables.ts';

export { liveText };

/** The shipped table, with 12301 going to its city's queue by way of seats. */
export const movedText = (number = '12301'): string => {
  const at = liveText.indexOf(`"${number}":`, liveText.indexOf('\nnumbers:'));
  const connect = liveText.indexOf('connect: ', at);
  const end = liveText.indexOf('\n', connect);
  const seated = 'because: 座席暂时保留\n    connect: [seats:12348, "queue:12345-{region}"]';
  const moved = `${liveText.slice(0, connect)}${seated}${liveText.slice(end)}`;
  return withoutExpectations(moved);
};

/** Nothing moves, yet it is another revision. */
export const commented = (word: string): string => `${liveText}\n# ${word}\n`;

/** Every merged number goes to one queue. */
export const allMovedText = (): string =>
  withoutExpectations(liveText.replaceAll('queue:12345-{region}', 'queue:12345-fuzhou'));

/** Every queue has other members: calls go where they went, and other people answer. */
export const othersText = (): string =>
  liveText.replaceAll(
    /members: \[([^\]]+)\]/g,
    (_, members: string) => `members: [other-${members.replaceAll(', ', ', other-')}]`,
  );

export const brokenText = (): string => liveText.replace('regions:', 'regionen:');

const withoutExpectations = (text: string): string => text.replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');
