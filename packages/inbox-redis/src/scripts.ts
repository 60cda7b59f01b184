import { furthestRetryMs } from "@statewave-connectors/connector-sdk/inbox";
import type { Script } from "@statewave-connectors/redis-client";

/** The keys of what we keep beside BullMQ's queues, in the order in which the scripts see them. */
export function indexKeys(keyPrefix: string): readonly string[] {
  return ["pending", "bytes", "letters", "letter-items", "letter-order", "letter-counts", "letter-of", "letter-seq"].map(
    (name) => `${keyPrefix}${name}`,
  );
}

/**
 * - `pending`: a member `source|job|bytes` for every item that waits or is claimed, by the time of its acceptance. `bytes`: their sum.
 * - `letters`: by number, four lines: what it is the letter of, `source type`, when it was buried, the reason as JSON. `letter-items`: the
 *   item. `letter-order`: the numbers. `letter-counts`: how many by `source type`. `letter-of`: the number by what it is the letter of.
 */
const prelude = `
local pending, bytes, letters, items, order, counts, letterOf, seq = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function figures()
  return { redis.call('ZCARD', pending), tonumber(redis.call('GET', bytes) or 0) }
end
`;

/**
 * Brings the index in line with the jobs: an item is counted, once, whose job is there, and no more whose job is gone. Arguments: for each
 * item `in` or `out`, its job's key, the member, its bytes. Answers depth and bytes.
 */
export const countScript: Script = `${prelude}
for at = 1, #ARGV, 4 do
  local isThere = redis.call('EXISTS', ARGV[at + 1]) == 1
  if ARGV[at] == 'in' then
    if isThere and redis.call('ZADD', pending, 'NX', now, ARGV[at + 2]) == 1 then redis.call('INCRBY', bytes, ARGV[at + 3]) end
  elseif not isThere and redis.call('ZREM', pending, ARGV[at + 2]) == 1 then
    redis.call('DECRBY', bytes, ARGV[at + 3])
  end
end
return figures()
`;

/**
 * Forgets members whose jobs are gone: a process can die between the two. Arguments: what jobs' keys begin with, the least age, where to
 * begin, how many to look at. Answers how many it saw and how many it forgot.
 */
export const sweepScript: Script = `${prelude}
local seen = redis.call('ZRANGEBYSCORE', pending, '-inf', now - ARGV[2], 'LIMIT', ARGV[3], ARGV[4])
local forgotten = 0
for _, member in ipairs(seen) do
  local source, job, size = string.match(member, '^(.-)|(.-)|(%d+)$')
  if source and redis.call('EXISTS', ARGV[1] .. source .. ':' .. job) == 0 then
    redis.call('ZREM', pending, member)
    redis.call('DECRBY', bytes, size)
    forgotten = forgotten + 1
  end
end
return { #seen, forgotten }
`;

/** Answers depth, bytes, the acceptance of the oldest, and the counts of letters. */
export const statsScript: Script = `${prelude}
local depth = figures()
return { depth[1], depth[2], redis.call('ZRANGE', pending, 0, 0, 'WITHSCORES')[2] or false, redis.call('HGETALL', counts) }
`;

/** Arguments: what jobs' keys begin with, then sources. Answers for each how many of its jobs wait, are delayed or are claimed. */
export const countQueuedScript: Script = `${prelude}
local answers = {}
for at = 2, #ARGV do
  local base = ARGV[1] .. ARGV[at] .. ':'
  answers[#answers + 1] = redis.call('LLEN', base .. 'wait') + redis.call('LLEN', base .. 'active') + redis.call('ZCARD', base .. 'delayed')
end
return answers
`;

/**
 * What waits in queues. Arguments: what jobs' keys begin with, the caller's time (BullMQ's delays go by it), then for each queue its
 * source and how many to look at. A job's name is the number of its bytes. Answers for each the sizes of what is ready, in the order in
 * which it will be handed out, and when the next delayed one is.
 *
 * A job that is delayed too far was delayed by a clock that was ahead: it is made ready. Neither the caller's clock nor the server's may
 * say so alone, or one that is behind would make everything ready.
 */
export const peekScript: Script = `${prelude}
local answers = {}
local callerNow = tonumber(ARGV[2])
local ripe = (callerNow + 1) * 0x1000 - 1
local tooFar = (math.max(callerNow, now) + ${furthestRetryMs}) * 0x1000
for at = 3, #ARGV, 2 do
  local base = ARGV[1] .. ARGV[at] .. ':'
  local room = tonumber(ARGV[at + 1])
  local stranded = redis.call('ZRANGEBYSCORE', base .. 'delayed', string.format('%.0f', tooFar), '+inf', 'LIMIT', 0, room)
  for _, job in ipairs(stranded) do
    redis.call('ZADD', base .. 'delayed', string.format('%.0f', callerNow * 0x1000), job)
  end
  local sizes = {}
  local function add(job)
    sizes[#sizes + 1] = tonumber(redis.call('HGET', base .. job, 'name') or 0)
  end
  local waiting = redis.call('LRANGE', base .. 'wait', -room, -1)
  for index = #waiting, 1, -1 do add(waiting[index]) end
  for _, job in ipairs(redis.call('ZRANGEBYSCORE', base .. 'delayed', 0, ripe, 'LIMIT', 0, room - #sizes)) do add(job) end
  local later = redis.call('ZRANGEBYSCORE', base .. 'delayed', '(' .. string.format('%.0f', ripe), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  answers[#answers + 1] = { sizes, later and math.floor(later / 0x1000) or false }
end
return answers
`;

/**
 * Writes a letter, unless there is one with the same identity. Arguments: of what, `source type`, the reason as JSON, the item, and for an
 * item that is claimed the key of its lock and the token that must be in it. Answers 1, 0: there was one, or -1: the claim is lost.
 */
export const buryScript: Script = `${prelude}
if ARGV[5] ~= '' and redis.call('GET', ARGV[5]) ~= ARGV[6] then return -1 end
if redis.call('HEXISTS', letterOf, ARGV[1]) == 1 then return 0 end
local number = redis.call('INCR', seq)
redis.call('HSET', letters, number, table.concat({ ARGV[1], ARGV[2], string.format('%.0f', now), ARGV[3] }, '\\n'))
redis.call('HSET', items, number, ARGV[4])
redis.call('ZADD', order, number, number)
redis.call('HINCRBY', counts, ARGV[2], 1)
redis.call('HSET', letterOf, ARGV[1], number)
return 1
`;

/** Arguments: the number to continue behind, how many. Answers numbers and letters by turns. */
export const listLettersScript: Script = `${prelude}
local page = {}
for _, number in ipairs(redis.call('ZRANGEBYSCORE', order, '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
  page[#page + 1] = number
  page[#page + 1] = redis.call('HGET', letters, number)
end
return page
`;

/** Argument: the number. Answers the letter and its item. */
export const getLetterScript: Script = `${prelude}
return { redis.call('HGET', letters, ARGV[1]), redis.call('HGET', items, ARGV[1]) }
`;

/** Arguments: numbers. Answers how many of them were letters. */
export const removeLettersScript: Script = `${prelude}
local removed = 0
for _, number in ipairs(ARGV) do
  local letter = redis.call('HGET', letters, number)
  if letter then
    local what, count = string.match(letter, '^([^\\n]*)\\n([^\\n]*)\\n')
    redis.call('HDEL', letters, number)
    redis.call('HDEL', items, number)
    redis.call('ZREM', order, number)
    redis.call('HDEL', letterOf, what)
    if redis.call('HINCRBY', counts, count, -1) <= 0 then redis.call('HDEL', counts, count) end
    removed = removed + 1
  end
end
return removed
`;
