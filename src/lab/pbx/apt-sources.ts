/** Where this machine fetches its Debian packages from: the lab's rootfs comes from the same place. Pure. */

/** One source: where from, and what of it. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

const DEBIAN_SUITES = /^(bullseye|bookworm|trixie|forky|duke|sid|unstable|testing|stable|oldstable|oldoldstable)$/;

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const isWeb = (uri: string): boolean => /^https?:\/\//.test(uri);

/** One-line style: `deb [options] uri suite component…`; see sources.list(5). */
const parseOneLine = (text: string): AptSource[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match?.[1] || !match[2] || !isWeb(match[1])) return [];
    return [{ uri: match[1], suites: [match[2]], components: words(match[3] ?? '') }];
  });

const stanzaFields = (stanza: string): Map<string, string> => {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (field?.[1]) {
      last = field[1].toLowerCase();
      fields.set(last, field[2] ?? '');
    } else if (/^\s+\S/.test(line)) fields.set(last, `${fields.get(last) ?? ''} ${line.trim()}`);
  }
  return fields;
};

/** deb822 style: stanzas of `Types: URIs: Suites: Components:`. */
const parseDeb822 = (text: string): AptSource[] =>
  text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = stanzaFields(stanza);
    if (!words(fields.get('types') ?? '').includes('deb')) return [];
    if (/^(no|false|0)$/i.test(fields.get('enabled') ?? 'yes')) return [];
    const suites = words(fields.get('suites') ?? '');
    const components = words(fields.get('components') ?? '');
    return words(fields.get('uris') ?? '')
      .filter(isWeb)
      .map((uri) => ({ uri, suites, components }));
  });

/** @param name file name: `*.sources` is deb822, anything else one-line. */
export const parseAptSources = (name: string, text: string): AptSource[] =>
  name.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);

/**
 * The Debian mirror among the sources: a suite of the machine's own codename or another Debian suite, with `main`.
 * @param codename of /etc/os-release; a source for it is preferred.
 */
export const debianMirror = (sources: readonly AptSource[], codename: string | undefined): string | undefined => {
  const withMain = sources.filter((source) => source.components.includes('main'));
  const own = withMain.find(
    (source) => codename !== undefined && DEBIAN_SUITES.test(codename) && source.suites.includes(codename),
  );
  const any = withMain.find((source) => source.suites.some((suite) => DEBIAN_SUITES.test(suite)));
  return (own ?? any)?.uri;
};
