/** A routing table of any size, made of the one that ships: every kind of condition, and nothing wrong with it. */

const regions = ['fuzhou', 'xiamen', 'ningde', 'putian', 'quanzhou', 'zhangzhou', 'longyan', 'sanming'];

const spare = `hours:
  office:
    mon-fri: 08:30-12:00, 14:30-18:00
    2026-10-01..2026-10-08: closed
    2026-10-10: as mon
callers:
  schools: ["05922150000", "0592216*"]
`;

const firms = '  firms: ["0592217*"]\n';

const chain = ['        connect:', '          - seats:12348', '          - queue:12345-{region}'];

/** Rules of one number: for each region some that ask for more than the region, then one that takes what is left. */
const rulesOf = (count: number): string[] => {
  const asked = ['hours: office', 'callers: schools', 'trunk: exchange', 'from: 2026-12-01, until: 2027-01-01'];
  const perRegion = Math.ceil((count - 1) / regions.length);
  const rules = Array.from({ length: count - 1 }, (_, index) => {
    const region = regions[Math.floor(index / perRegion)];
    const place = index % perRegion;
    const isLast = place === perRegion - 1 || index === count - 2;
    // Dates differ, so that each rule has calls of its own.
    const day = new Date(Date.UTC(2027, 0, 1 + place)).toISOString().slice(0, 10);
    const next = new Date(Date.UTC(2027, 0, 2 + place)).toISOString().slice(0, 10);
    const more = asked[place] ?? `callers: firms, from: ${day}, until: ${next}`;
    return [`      - when: { region: ${region}${isLast ? '' : `, ${more}`} }`, ...chain];
  });
  return [...rules.flat(), '      - connect: queue:12345-{region}'];
};

const numberOf = (number: string, rules: readonly string[]): string =>
  [
    `  "${number}":`,
    `    unit: 责任单位${number}`,
    '    mode: parallel',
    '    prompt: merged',
    '    rules:',
    ...rules,
  ].join('\n');

/** @param base the table that ships */
export const madeTable = (base: string, numbers: number, rulesEach: number): string => {
  const names = Array.from({ length: numbers }, (_, index) => String(200_000 + index));
  const rules = rulesOf(rulesEach);
  const expectations = names.map(
    (name) =>
      `  - call: { to: "${name}", from: "05952001234", at: 2026-11-24T20:00 }\n` +
      `    expect: { connect: ${rulesEach > 1 ? '[seats:12348, queue:12345-quanzhou]' : 'queue:12345-quanzhou'} }`,
  );
  return base
    .replace(
      '\nnumbers:\n',
      `\n${spare}${rules.join().includes('firms') ? firms : ''}\nnumbers:\n${names.map((name) => `${numberOf(name, rules)}\n`).join('')}`,
    )
    .replace('\nexpectations:\n', `\nexpectations:\n${expectations.join('\n')}\n`);
};
