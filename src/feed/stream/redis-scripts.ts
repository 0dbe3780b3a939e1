/** Lua scripts, for what has to happen in Redis in one step. */

/**
 * Appends a batch to the stream, if Redis still has the batch before it. So nothing is appended twice because an answer was
 * lost, and nothing is appended after a gap where Redis has lost something.
 *
 * KEYS stream, hash of positions, count of entries · ARGV spool, number the batch begins at, number after it, length, '1' to begin anew, records…
 * → { 1, id } or { 0, position Redis has, or '', id it ended with }
 */
export const APPEND = `
local known = redis.call('HGET', KEYS[2], ARGV[1])
local at, id = '', ''
if known then at, id = string.match(known, '^(%d+) (.*)$') end
if ARGV[5] ~= '1' and at ~= ARGV[2] then return { 0, at, id } end
local count = redis.call('INCRBY', KEYS[3], #ARGV - 5) - (#ARGV - 5)
for n = 6, #ARGV do
  id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'record', ARGV[n], 'n', count + n - 5)
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. id)
return { 1, id }
`;

/** Number of the oldest entry of the stream: of the next one if it is empty, and 1 if the oldest entry has no number. */
const FIRST = `
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local first = tonumber(redis.call('GET', KEYS[2]) or '0') + 1
if oldest then first = tonumber(oldest[2][4] or '1') end
`;

/** A sink that is new begins with what the stream still holds. KEYS stream, count of entries, reached · ARGV group, sink */
export const BEGIN = `
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP') then return made end
${FIRST}
redis.call('HSETNX', KEYS[3], ARGV[2], first - 1)
return 1
`;

/**
 * Confirms that a sink has a batch. Entries between the last that it had and the first of these were dropped by the stream;
 * they are counted once, however often this runs.
 *
 * KEYS stream, delivered, reached, dropped · ARGV group, sink, number of the first and of the last, or '', ids…
 */
export const DONE = `
for n = 5, #ARGV do redis.call('XACK', KEYS[1], ARGV[1], ARGV[n]) end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[#ARGV])
local reached = tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '')
local first, last = tonumber(ARGV[3]), tonumber(ARGV[4])
if not last then return 1 end
if reached and first > reached + 1 then redis.call('HINCRBY', KEYS[4], ARGV[2], first - reached - 1) end
if not reached or last > reached then redis.call('HSET', KEYS[3], ARGV[2], last) end
return 1
`;

/** KEYS stream, count of entries, reached, dropped · ARGV sink → { dropped, reached, number of the oldest entry } */
export const LOSSES = `
${FIRST}
local reached = redis.call('HGET', KEYS[3], ARGV[1]) or first - 1
return { tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or '0'), tonumber(reached), first }
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
