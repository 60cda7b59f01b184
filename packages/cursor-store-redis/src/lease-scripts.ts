import { longestLeaseMs, longestResumeMs, maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import type { Script } from "@statewave-connectors/redis-client";

/**
 * What all scripts share. `KEYS[1]`: the hash of cursors, one field a source, exactly as earlier runners wrote it. `KEYS[2]`: the hash
 * of leases, with the same fields: what is known of a source beside its cursor, as JSON. It is never removed, so that no epoch is given
 * out twice; a source that only has a cursor starts at epoch 0. The clock is the server's.
 */
const prelude = `
local cursors, leases = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function read(field)
  local row = redis.call('HGET', leases, field)
  return row and cjson.decode(row) or { epoch = 0 }
end
local function write(field, row)
  redis.call('HSET', leases, field, cjson.encode(row))
end
local function endLease(row)
  row.owner, row.leaseDueMs, row.lapsesAtMs = nil, nil, nil
end
local maxAhead, longestLease, longestResume = ${maxDueAheadMs}, ${longestLeaseMs}, ${longestResumeMs}
local function ahead(ms, by)
  return ms and ms > now + by
end
-- Without the times that lie further ahead than they can: they were written while the clock was ahead.
local function asOf(row)
  if ahead(row.openDueMs, maxAhead) or ahead(row.finishedDueMs, maxAhead) or ahead(row.updatedAtMs, maxAhead) then
    row.resumeAtMs = nil
  end
  if ahead(row.resumeAtMs, longestResume) then row.resumeAtMs = nil end
  if ahead(row.finishedDueMs, maxAhead) then row.finishedDueMs = nil end
  if ahead(row.openDueMs, maxAhead) then row.openDueMs = now end
  if ahead(row.lapsesAtMs, longestLease) then endLease(row) end
  return row
end
local function held(field, epoch)
  local row = read(field)
  return row.lapsesAtMs and row.epoch == tonumber(epoch) and row or nil
end
`;

/**
 * Claims, in the order that `CursorStore` documents. Arguments: how many to grant at most or nothing, then for each request the source,
 * the due or nothing, the owner, the ttl.
 */
export const acquireScript: Script = `${prelude}
local left = tonumber(ARGV[1]) or math.huge
local function claim(field, due, owner, ttl)
  if due and due > now + maxAhead then return { 'early' } end
  local row = asOf(read(field))
  if row.lapsesAtMs and row.lapsesAtMs > now then return { 'busy', row.lapsesAtMs - now } end
  local resumed = 0
  if due then
    if row.openDueMs then
      local wait = (row.resumeAtMs or now) - now
      if wait > 0 then return { 'waiting', wait } end
      if row.openDueMs >= due then resumed, due = 1, row.openDueMs end
    elseif row.finishedDueMs and due <= row.finishedDueMs then
      return { 'finished' }
    end
  end
  if left <= 0 then return { 'surplus' } end
  left = left - 1
  if due then row.openDueMs, row.resumeAtMs = due, nil end
  row.epoch = row.epoch + 1
  row.owner, row.leaseDueMs, row.lapsesAtMs = owner, due, now + math.min(ttl, longestLease)
  write(field, row)
  return { 'granted', row.epoch, resumed, due or false, redis.call('HGET', cursors, field) }
end
local answers = {}
for at = 2, #ARGV, 4 do
  answers[#answers + 1] = claim(ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], tonumber(ARGV[at + 3]))
end
return answers
`;

/** Arguments: the ttl, then for each lease the source and the epoch. Answers 1 or 0 for each. */
export const renewScript: Script = `${prelude}
local answers = {}
for at = 2, #ARGV, 2 do
  local row = held(ARGV[at], ARGV[at + 1])
  if row then
    row.lapsesAtMs = now + math.min(tonumber(ARGV[1]), longestLease)
    write(ARGV[at], row)
  end
  answers[#answers + 1] = row and 1 or 0
end
return answers
`;

/** Arguments: the source, the epoch, the cursor. Answers 1, or 0: stale. */
export const checkpointScript: Script = `${prelude}
local row = held(ARGV[1], ARGV[2])
if not row then return 0 end
row.updatedAtMs = now
write(ARGV[1], row)
redis.call('HSET', cursors, ARGV[1], ARGV[3])
return 1
`;

/** Arguments: the source, the epoch, and for a run that is not done the delay until it may be resumed. Answers 1, or 0: stale. */
export const releaseScript: Script = `${prelude}
local row = held(ARGV[1], ARGV[2])
if not row then return 0 end
local due, resumeIn = row.leaseDueMs, tonumber(ARGV[3])
endLease(row)
if due and resumeIn then
  row.resumeAtMs = now + math.min(resumeIn, longestResume)
elseif due then
  row.finishedDueMs, row.openDueMs, row.resumeAtMs = due, nil, nil
end
write(ARGV[1], row)
return 1
`;

/** Arguments: the source, the cursor. */
export const setScript: Script = `${prelude}
local row = read(ARGV[1])
row.epoch, row.updatedAtMs = row.epoch + 1, now
endLease(row)
write(ARGV[1], row)
redis.call('HSET', cursors, ARGV[1], ARGV[2])
return 1
`;

/** Argument: the source. Answers 1, or 0: there was no cursor. No row is made for an unknown source. */
export const deleteScript: Script = `${prelude}
local removed = redis.call('HDEL', cursors, ARGV[1])
if removed == 0 and redis.call('HEXISTS', leases, ARGV[1]) == 0 then return 0 end
local row = read(ARGV[1])
row.epoch, row.updatedAtMs = row.epoch + 1, nil
endLease(row)
write(ARGV[1], row)
return removed
`;

/** Answers the server's time and both hashes as they are at that moment. */
export const listScript: Script = `${prelude}
return { now, redis.call('HGETALL', cursors), redis.call('HGETALL', leases) }
`;
