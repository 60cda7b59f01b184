import type { Script } from "@statewave-connectors/redis-client";

/** The keys of the records, behind the prefix: each record by its name, the names in order, those that expire, and the latest version. */
export const recordKeys = ["records", "record-names", "record-expiries", "record-version"] as const;

/**
 * What all scripts on records share. A name is scope, NUL, key; neither part can hold a NUL. A record is `version:expiry:value`, as text,
 * because JSON in Lua rounds large numbers. The clock is the server's.
 */
const prelude = `
local records, names, expiries, counter = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function load(name)
  local text = redis.call('HGET', records, name)
  if not text then return nil end
  local version, expiry, value = string.match(text, '^(%d+):(%d*):(.*)$')
  expiry = tonumber(expiry)
  if expiry and expiry <= now then return nil end
  return { tonumber(version), expiry or false, value }
end
local function remove(name)
  redis.call('HDEL', records, name)
  redis.call('ZREM', names, name)
  redis.call('ZREM', expiries, name)
end
local function removeExpired(limit)
  local expired = redis.call('ZRANGEBYSCORE', expiries, '-inf', now, 'LIMIT', 0, limit)
  for _, name in ipairs(expired) do remove(name) end
  return #expired
end
`;

/** Changes nothing, and fails where a key holds something else. */
export const probeRecordsScript: Script = `${prelude}
return { redis.call('HLEN', records), redis.call('ZCARD', names), redis.call('ZCARD', expiries), redis.call('GET', counter) }
`;

/** Arguments: the name. Answers the record, or nothing. */
export const getRecordScript: Script = `${prelude}
return load(ARGV[1])
`;

/**
 * Arguments: scope, key, expected version, ttl or nothing, how many records a scope may hold, 'set' or 'delete', value. Answers
 * { 'stored', version }, { 'refused' } with the record that is there, or { 'full' }.
 */
export const writeRecordScript: Script = `${prelude}
local scope, expected, ttl, limit = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local name = scope .. '\\0' .. ARGV[2]
local current = load(name)
if expected ~= (current and current[1] or 0) then return { 'refused', current or false } end
removeExpired(10)
if ARGV[6] == 'delete' then
  remove(name)
  return { 'stored', 0 }
end
local function isFull()
  return redis.call('ZLEXCOUNT', names, '[' .. scope .. '\\0', '(' .. scope .. '\\1') >= limit
end
if not current and isFull() then
  while removeExpired(1000) > 0 do end
  if isFull() then return { 'full' } end
end
local version = redis.call('INCR', counter)
local expiry = ttl and now + ttl
redis.call('HSET', records, name, string.format('%.0f:%s:', version, expiry and string.format('%.0f', expiry) or '') .. ARGV[7])
redis.call('ZADD', names, 0, name)
if expiry then redis.call('ZADD', expiries, expiry, name) else redis.call('ZREM', expiries, name) end
return { 'stored', version }
`;

/** Arguments: the bounds of the names, the prefix of a name, how many. Answers names and records in turn. */
export const listRecordsScript: Script = `${prelude}
local from, to, prefix, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local answer, left = {}, limit
while left > 0 do
  local found = redis.call('ZRANGEBYLEX', names, from, to, 'LIMIT', 0, limit)
  for _, name in ipairs(found) do
    if string.sub(name, 1, #prefix) ~= prefix or left == 0 then return answer end
    local record = load(name)
    if record then
      answer[#answer + 1], answer[#answer + 2] = name, record
      left = left - 1
    end
  end
  if #found < limit then return answer end
  from = '(' .. found[#found]
end
return answer
`;

/** Arguments: where to begin, the prefix of a scope, how many. Answers the scopes. */
export const listScopesScript: Script = `${prelude}
local from, prefix, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local scopes = {}
while #scopes < limit do
  local found = redis.call('ZRANGEBYLEX', names, from, '+', 'LIMIT', 0, 1)
  if #found == 0 or string.sub(found[1], 1, #prefix) ~= prefix then break end
  local scope = string.match(found[1], '^[^%z]*')
  scopes[#scopes + 1] = scope
  from = '[' .. scope .. '\\1'
end
return scopes
`;
