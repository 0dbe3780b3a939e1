/**
 * Which part may know which, each rule with its reason. `npm run directions` checks all of src/, imports of types too:
 * a type that is known is knowledge all the same.
 */

/** Known to every part: the errors a user can meet, and how to log. */
const EVERYBODYS = ['^src/base/'];

/** An npm package, wherever npm has put it. */
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const directions = [
  forbid(
    'routing-knows-nothing-of-ours',
    'A plan is data and routing is pure: what explain, the expectations, the live call and the fallback dialplan say of a call is the same only while nothing around routing can change it.',
    { path: '^src/routing/' },
    { path: '^src/', pathNot: '^src/routing/' },
  ),
  forbid(
    'routing-does-no-io',
    "Whoever calls routing reads the files and the clock. node:crypto is let in for one thing, the revision: a hash of the table's text.",
    { path: '^src/routing/' },
    { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
  ),
  forbid(
    'calls-know-plan-port-and-records',
    'A session runs a plan on any PBX: it knows routing, the port, and the shape of the records it tells. Records are the output of calls, so their shape is their common language; where records go (feed, sinks) is none of its business. So it is with recordings: what their files are called, not where they lie.',
    { path: '^src/calls/' },
    {
      path: '^src/',
      pathNot: ['^src/(calls|requests|routing)/', '^src/switch/port[.]ts$', '^src/records/record[.]ts$', '^src/recordings/file-name[.]ts$', ...EVERYBODYS],
    },
  ),
  forbid(
    'requests-are-the-same-for-all',
    'What may be asked of a call, and why it is refused, is one thing for phones, HTTP, the fleet and the command line. So it stands where all of them may look, and knows none of them: only destinations, and the words that phones speak.',
    { path: '^src/requests/' },
    { path: '^src/', pathNot: ['^src/(requests|routing)/', ...EVERYBODYS] },
  ),
  forbid(
    'calls-do-no-io',
    'What a call waits for comes through the port, and what it tells goes out as a record. A file or a socket on its path would be a delay that nobody sees.',
    { path: '^src/calls/' },
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'the-log-is-handed-in',
    'Only the type of a logger may be known to the parts: which logger it is, main decides, and a test hands in one of its own.',
    { path: '^src/(calls|routing|switch|feed|admin|tables|prompts|dialplan|recordings)/' },
    { path: '^src/base/log[.]ts$', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'port-knows-nothing',
    'The port is the contract between calls and every PBX. Whatever it imported, both sides would depend on.',
    { path: '^src/switch/port[.]ts$' },
    { path: '.' },
  ),
  forbid(
    'adapters-know-the-port-only',
    'An adapter that knew routing or calls would decide something; it only does what the port says.',
    { path: '^src/switch/[^/]+/' },
    { path: '^src/', pathNot: ['^src/switch/', ...EVERYBODYS] },
  ),
  forbid(
    'adapters-not-each-other',
    'A PBX must be removable with its folder. What two adapters share stands in kit/, which knows the port and no adapter.',
    { path: '^src/switch/([^/]+)/' },
    { path: '^src/switch/[^/]+/', pathNot: ['^src/switch/$1/', '^src/switch/kit/'] },
  ),
  forbid(
    'kit-knows-the-port-only',
    'What adapters share has to serve the next PBX too: it knows the port and the ground floor, and nothing of any PBX.',
    { path: '^src/switch/kit/' },
    { path: '^src/', pathNot: ['^src/switch/(kit/|port[.]ts$)', ...EVERYBODYS] },
  ),
  forbid(
    'around-routing',
    'tables, prompts and dialplan each do one thing with what routing says, and know neither each other nor who uses them.',
    { path: '^src/(tables|prompts|dialplan)/' },
    { path: '^src/', pathNot: ['^src/($1|routing)/', ...EVERYBODYS] },
  ),
  forbid(
    'records-are-read-in-one-place',
    'What happened to a call is told in records and nowhere else. Whoever looks back (board, missed calls, guard, feed) asks here what they mean, so this folder knows none of them.',
    { path: '^src/records/' },
    { path: '^src/', pathNot: ['^src/(records|routing)/', ...EVERYBODYS] },
  ),
  forbid(
    'feed-carries-records',
    'It brings records to where they are wanted. Which call they are of, and what decided it, is the same to it.',
    { path: '^src/feed/' },
    { path: '^src/', pathNot: ['^src/(feed|records|routing)/', ...EVERYBODYS] },
  ),
  forbid(
    'recordings-look-after-files',
    'The PBX writes recordings, calls say when. Here they are kept, counted and swept, and for that nothing but their names has to be known.',
    { path: '^src/recordings/' },
    { path: '^src/', pathNot: ['^src/recordings/', ...EVERYBODYS] },
  ),
  forbid(
    'admin-is-handed-what-it-shows',
    'The HTTP side shows and asks through what main hands it; it could not reach into a call or a PBX if it wanted to.',
    { path: '^src/admin/' },
    { path: '^src/', pathNot: ['^src/(admin|requests|routing|records|feed)/', ...EVERYBODYS] },
  ),
  forbid(
    'cli-stays-outside-the-service',
    'A command works on files or asks the running service. It never runs calls or holds a PBX itself: two programs with their hands on one call would be one too many.',
    { path: '^src/cli/' },
    { path: ['^src/calls/', '^src/switch/', '^src/wiring/', '^src/main[.]ts$'] },
  ),
  forbid(
    'lab-tries-from-outside',
    'The lab measures the product as callers and agents meet it. If it used our adapter or our sessions, a fault of theirs would hide itself.',
    { path: '^src/lab/' },
    { path: ['^src/calls/', '^src/switch/', '^src/admin/', '^src/cli/', '^src/wiring/', '^src/main[.]ts$'] },
  ),
  forbid(
    'nobody-needs-the-lab',
    'A service in front of a real PBX has no lab. Only main (which brings it up where no PBX is configured) and the command line know it.',
    { path: '^src/', pathNot: ['^src/(lab|cli)/', '^src/main[.]ts$'] },
    { path: '^src/lab/' },
  ),
  forbid(
    'only-the-wiring-knows-concretes',
    'main puts the parts together; a part that made another part itself could not be tried without it.',
    { path: '^src/', pathNot: ['^src/main[.]ts$', '^src/switch/'] },
    { path: '^src/switch/[^/]+/' },
  ),
  forbid(
    'nobody-knows-the-wiring',
    'main, its wiring and the command line are the ends of the graph: whatever imported them would start a program by being read.',
    { path: '^src/', pathNot: ['^src/cli/', '^src/wiring/', '^src/main[.]ts$'] },
    { path: ['^src/main[.]ts$', '^src/cli/', '^src/wiring/'] },
  ),
  forbid(
    'ground-floor',
    'Errors, log, files and waits between tries are known to everybody, and so know nobody.',
    { path: '^src/base/' },
    { path: '^src/', pathNot: '^src/base/' },
  ),
  forbid(
    'settings-know-the-ground-floor',
    'What an operator may set is read before any part is there. A kind of sink is the exception: its settings stand with its code, so that a new kind is one file and its lines in the registry.',
    { path: '^src/settings/' },
    { path: '^src/', pathNot: ['^src/settings/', '^src/feed/sinks/registry[.]ts$', ...EVERYBODYS] },
  ),
];

const packages = [
  forbid(
    'ari-client-in-its-adapter',
    'It has faults that one file covers (docs/decisions/0009); elsewhere they would be met uncovered.',
    { pathNot: '^src/switch/asterisk/' },
    { path: npm('ari-client', 'swagger-client') },
  ),
  forbid(
    'ws-for-the-events-of-ari',
    'One socket to a PBX, with its time limits in one place.',
    { pathNot: '^src/switch/asterisk/ari/events[.]ts$' },
    { path: npm('ws') },
  ),
  forbid(
    'esl-in-its-adapter',
    'It has faults that two files cover; elsewhere they would be met uncovered.',
    { pathNot: '^src/switch/freeswitch/' },
    { path: npm('esl') },
  ),
  forbid(
    'ioredis-where-redis-is-used',
    'Redis is a cache and a transport, for feed and tables, and for requests that another controller serves. Calls and routing must work without it.',
    { pathNot: '^src/(feed|tables|fleet)/' },
    { path: npm('ioredis') },
  ),
  forbid(
    'fastify-in-admin',
    'One HTTP server, in one folder.',
    { pathNot: '^src/admin/' },
    { path: npm('fastify', '@fastify') },
  ),
  forbid(
    'uplot-on-the-page',
    'It draws in a browser; the service only hands it over.',
    { pathNot: '^src/admin/page/' },
    { path: npm('uplot') },
  ),
  forbid(
    'the-page-knows-shapes-only',
    'A browser cannot load the service: the page takes types from it, and asks over HTTP for the rest.',
    { path: '^src/admin/page/' },
    { path: '^src/', pathNot: '^src/admin/page/', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'prom-client-in-metrics',
    'It keeps a registry for the whole process unless told otherwise; one file tells it otherwise.',
    { pathNot: '^src/admin/metrics[.]ts$' },
    { path: npm('prom-client') },
  ),
  forbid(
    'commander-in-cli',
    'Whatever parses arguments is a command.',
    { pathNot: '^src/cli/' },
    { path: npm('commander') },
  ),
  forbid(
    'pino-in-log',
    'The logger is one file; all others see its type.',
    { pathNot: '^src/base/log[.]ts$' },
    { path: npm('pino') },
  ),
  forbid(
    'yaml-where-people-write',
    'People write two files, the table and the settings. Everything between programs is JSON.',
    { pathNot: ['^src/routing/', '^src/settings/'] },
    { path: npm('yaml') },
  ),
  forbid(
    'zod-at-the-edges',
    'Outside data is checked where it comes in, once: table, settings, records, memory of a call, requests on a call, the manifest of prompts, requests to the lab, events of a PBX. Past the edge nobody checks again.',
    { pathNot: ['^src/(routing|requests|records|feed|calls|prompts|lab|tables|fleet|settings)/', '^src/switch/asterisk/ari/events[.]ts$', '^src/switch/freeswitch/inventory[.]ts$'] },
    { path: npm('zod') },
  ),
  forbid(
    'no-other-packages',
    'A package is a decision: it gets a rule here that says who may use it.',
    {},
    {
      dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'npm-bundled'],
      pathNot: npm(
        'ari-client',
        'swagger-client',
        'ws',
        'esl',
        'ioredis',
        'fastify',
        '@fastify',
        'commander',
        'pino',
        'prom-client',
        'uplot',
        'yaml',
        'zod',
      ),
    },
  ),
];

const sound = [
  forbid('no-circular', 'Two files that need each other are one file, or lack a third.', {}, { circular: true }),
  forbid(
    'no-orphans',
    'A file that nobody imports, and that imports nothing, is dead. Programs are started, not imported.',
    { orphan: true, pathNot: ['^src/main[.]ts$', '^src/cli/bootstrap[.]mjs$', '[.]d[.]ts$'] },
    {},
  ),
  forbid('everything-is-there', 'An import that leads nowhere fails at the worst time.', {}, { couldNotResolve: true }),
  forbid('src-stands-without-tests', 'Nothing that ships may need test/.', { path: '^src/' }, { path: '^test/' }),
];

export default {
  forbidden: [...directions, ...packages, ...sound],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.d.ts'] },
  },
};
