/** What people and carriers put between the digits of a number: the inside of a character class. */
export const PUNCTUATION = '\\s().\\u00a0-';
