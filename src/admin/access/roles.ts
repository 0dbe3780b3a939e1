/**
 * Roles, and who may do what. A route names one of these lists; nothing else decides, and the gate and the OpenAPI
 * document both read it.
 */

/**
 * viewer: sees, with callers' numbers masked · agent: answers calls, and does as much with a call of their own ·
 * supervisor: sees callers, works on any call · operator: changes the table besides, and reads who changed what.
 */
export const ROLES = ['viewer', 'agent', 'supervisor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Lists of roles by what they may do. */
export const MAY = {
  /** See the service: calls with masked numbers, levels, queues, the table. */
  see: ROLES,
  /** Do something with a call: a transfer, a missed call closed. An agent only with calls of their own. */
  handleCalls: ['agent', 'supervisor', 'operator'],
  /** See whole numbers of all callers. */
  seeCallers: ['supervisor', 'operator'],
  /** Listen to a call, whisper to its agent, join it. */
  supervise: ['supervisor', 'operator'],
  changeTable: ['operator'],
  readAudit: ['operator'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof MAY;

export const may = (role: Role, permission: Permission): boolean => (MAY[permission] as readonly Role[]).includes(role);

/** Everything a role may do; the page shows its buttons accordingly. */
export const permissionsOf = (role: Role): readonly Permission[] =>
  (Object.keys(MAY) as Permission[]).filter((permission) => may(role, permission));
