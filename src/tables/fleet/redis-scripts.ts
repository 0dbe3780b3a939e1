/** Lua scripts, each one atomic in Redis. Strings, ISO dates and hashes are compared byte by byte. */

/** Sets the fleet's deployment state: `order` identifies it, the other fields are what states are compared by. */
const SET = `
redis.call('HSET', KEYS[1], 'order', ARGV[2], 'counter', ARGV[3], 'when', ARGV[4], 'revision', ARGV[5], 'canary', ARGV[6],
  'standing', ARGV[7])
redis.call('PUBLISH', ARGV[8], ARGV[9])
return 1`;

/** ARGV[1]: order of the state that the change starts from. Returns 0 when the fleet has another state by now. */
export const PROPOSE = `
local order = redis.call('HGET', KEYS[1], 'order')
if order and order ~= ARGV[1] then return 0 end
redis.call('LPUSH', KEYS[2], ARGV[10])
redis.call('LTRIM', KEYS[2], 0, ARGV[11] - 1)
${SET}`;

/** Returns 0 when the state in Redis is as new or newer. */
export const RESTORE = `
local there = redis.call('HMGET', KEYS[1], 'counter', 'when', 'revision', 'canary')
if there[1] then
  local mine = { tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6] }
  there[1] = tonumber(there[1])
  local newer = false
  for n = 1, 4 do
    if mine[n] ~= there[n] then newer = mine[n] > there[n]; break end
  end
  if not newer then return 0 end
end
${SET}`;

/** Stamped by the clock of Redis, so that no controller's clock has to be right. */
export const ACKNOWLEDGE = `
return redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])`;
