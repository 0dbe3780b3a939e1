/**
 * A name of the table as it may stand in a dialplan: what a PBX would read as its own (`,` `;` `)` `$` `"` `'` `<` …) is
 * left out.
 */
export const plainText = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, '').trim();
