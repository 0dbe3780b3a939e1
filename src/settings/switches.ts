/** The section `switches`: the PBXs to serve. */
import { z } from 'zod';
import { portFrom } from './fields.ts';

const word = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

const NO_TLS =
  'http:// only, ARI is spoken in plain HTTP; for an Asterisk behind TLS put a proxy on loopback or the management network';
const NO_CREDENTIALS = 'no user or password in here: they have keys of their own';

const ariUrl = z
  .url({ protocol: /^https?$/, error: 'an address like http://127.0.0.1:8088 is asked for' })
  .refine((url) => !/^https:/i.test(url), NO_TLS)
  .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '', NO_CREDENTIALS);

const asteriskSchema = z.strictObject({
  name: word,
  kind: z.literal('asterisk'),
  url: ariUrl,
  user: z.string().min(1),
  password: z.string().min(1),
  app: word.default('hotline'),
  promptsDir: z.string().startsWith('/'),
  /** ARI writes nowhere but below Asterisk's own folder of recordings. */
  recordingsDir: z
    .string()
    .regex(/^(?!\/)(?!.*\.\.)[\w.-]+(?:\/[\w.-]+)*$/, "a folder below Asterisk's own of recordings, such as hotline")
    .optional(),
});

const port = portFrom(1);
const host = z.string().min(1).default('127.0.0.1');

const freeSwitchSchema = z.strictObject({
  name: word,
  kind: z.literal('freeswitch'),
  /** Where its outbound sockets arrive, and the addresses they may come from. */
  listen: z
    .strictObject({
      host,
      port: port.default(8084),
      accept: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .min(1)
        .default(['127.0.0.1']),
    })
    .prefault({}),
  eventSocket: z.strictObject({ host, port: port.default(8021), password: z.string().min(1) }),
  promptsDir: z.string().startsWith('/'),
  /** The module of it that queues callers: mod_callcenter or mod_fifo. */
  queues: z.enum(['callcenter', 'fifo']).default('callcenter'),
  recordingsDir: z
    .string()
    .regex(/^\/[^\s'"\\{}[\],%$]*$/, 'a path from / on, without spaces and quotes')
    .optional(),
});

const switchSchema = z.discriminatedUnion('kind', [asteriskSchema, freeSwitchSchema]);

export type AsteriskSwitchSettings = z.infer<typeof asteriskSchema>;
export type FreeSwitchSwitchSettings = z.infer<typeof freeSwitchSchema>;
export type SwitchSettings = z.infer<typeof switchSchema>;

/** What no two switches may share: the key, its value in words, and why not. */
const owned = (settings: SwitchSettings): readonly (readonly [key: string, value: string, why: string])[] => [
  ['name', settings.name, 'calls and records are told apart by it'],
  settings.kind === 'asterisk'
    ? ['app', `${settings.app} of ${settings.url}`, 'they would take it from each other']
    : ['listen', `${settings.listen.host}:${settings.listen.port}`, 'each hands its calls over at a place of its own'],
];

export const switchesSchema = z.array(switchSchema).superRefine((switches, { addIssue }) => {
  const owners = new Map<string, number>();
  for (const [n, settings] of switches.entries()) {
    for (const [key, value, why] of owned(settings)) {
      const owner = owners.get(`${key} ${value}`);
      if (owner === undefined) owners.set(`${key} ${value}`, n);
      else addIssue({ code: 'custom', path: [n, key], message: `${value} is switches.${owner}'s already; ${why}` });
    }
  }
});
