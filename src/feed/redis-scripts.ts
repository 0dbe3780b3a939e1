/** What has to happen in Redis in one step. */

/**
 * Appends a batch to the stream if Redis still has the one before it; so nothing is appended twice because an answer was
 * lost, and nothing goes on where Redis has lost something.
 *
 * KEYS stream, hash of positions · ARGV spool, number the batch begins at, number behind it, length, '1' to begin anew, records…
 * → { 1, id } or { 0, position Redis has, or '', id it ended with }
 */
export const APPEND = `
local known = redis.call('HGET', KEYS[2], ARGV[1])
local at, id = '', ''
if known then at, id = string.match(known, '^(%d+) (.*)$') end
if ARGV[5] ~= '1' and at ~= ARGV[2] then return { 0, at, id } end
for n = 6, #ARGV do
  id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'record', ARGV[n])
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. id)
return { 1, id }
`;

/** KEYS lease · ARGV holder, milliseconds → 1: it holds the lease for so long. */
export const HOLD = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS lease · ARGV holder */
export const LET_GO = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`;
