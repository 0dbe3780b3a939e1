/** The section `http`: where the service answers, whom, and how often. */
import { z } from 'zod';
import { path, portFrom } from './fields.ts';

const token = z
  .strictObject({
    name: z.string().min(1).max(100),
    role: z.enum(['viewer', 'agent', 'supervisor', 'operator']),
    token: z.string().min(16, 'at least 16 characters are asked for'),
    /** An agent's phone as the PBX names it: a PJSIP endpoint, a user of FreeSWITCH. */
    endpoint: z.string().min(1).max(100).optional(),
  })
  .superRefine(({ role, endpoint }, { addIssue }) => {
    const complain = (message: string) => addIssue({ code: 'custom', path: ['endpoint'], message });
    if (role === 'agent' && endpoint === undefined) complain("an agent's token names the phone it is for");
    if (role !== 'agent' && endpoint !== undefined) complain(`only an agent has a phone, and this is a ${role}`);
  });

/** Two of one name could not be told apart in the history. */
const tokens = z.array(token).superRefine((all, { addIssue }) => {
  for (const [n, each] of all.entries()) {
    const earlier = all.slice(0, n);
    const complain = (key: string, message: string) => addIssue({ code: 'custom', path: [n, key], message });
    if (earlier.some(({ name }) => name === each.name)) complain('name', `${each.name} is another token's already`);
    if (earlier.some((other) => other.token === each.token)) complain('token', 'is the same as an earlier one');
  }
});

const limits = z.strictObject({
  perMinute: z.int().min(1).default(600),
  changesPerMinute: z.int().min(1).default(120),
});

export const httpSchema = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: portFrom(0).default(8345),
  tokens: tokens.default([]),
  adminToken: path.prefault('var/admin-token'),
  audit: path.prefault('var/audit.ndjson'),
  limits: limits.prefault({}),
});
