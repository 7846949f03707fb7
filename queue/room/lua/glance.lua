-- Looks at a room. What it costs does not depend on how many wait.
-- KEYS: 1 room, 2 door, 3 present, 4 away, 5 active, 6 revoked (by number: "seq:expires at"), 7 places, 8 over, 9 passes, 10 kept
-- ARGV: 1 server, 2 epoch, 3 now, 4 number of the last revocation that the caller has seen, 5 presence, 6 grace, 7 revocations at once
-- Returns: nil where the room is not known as of this server and epoch; otherwise
--       {seq, ceiling, gaps, threshold, frozen ("": not), active, at the door, shown, passes a minute ("": no decision), passes at once, seats left,
--        number of the last revocation, "seq:expires at"…}
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now', 'seq', 'ceiling', 'gaps', 'admitted', 'frozen', 'shown', 'rate', 'activeMax', 'seatsLeft', 'fence')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end

local function text(number) return string.format('%.0f', number) end
local now = math.max(tonumber(ARGV[3]), tonumber(fields[3]))
redis.call('HSET', KEYS[1], 'now', text(now))

local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now - tonumber(ARGV[5])), 'WITHSCORES', 'LIMIT', 0, 1000)
for at = 1, #gone, 2 do
  redis.call('ZREM', KEYS[2], gone[at])
  redis.call('ZREM', KEYS[3], gone[at])
  redis.call('ZREM', KEYS[10], gone[at])
  redis.call('ZADD', KEYS[4], gone[at + 1], gone[at])
end
-- Whoever is away for longer than the grace is told that the place is over by when it was reached.
local forgotten = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', '(' .. text(now - 2 * tonumber(ARGV[6])), 'LIMIT', 0, 1000)
if #forgotten > 0 then redis.call('ZREM', KEYS[4], unpack(forgotten)) end

-- What has run out ends, so that who had it can begin anew.
for _, whose in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', text(now), 'LIMIT', 0, 500)) do
  local seq = (redis.call('HGET', KEYS[9], whose) or '0'):match('^(%d+)')
  redis.call('HDEL', KEYS[9], whose)
  redis.call('ZREM', KEYS[5], whose)
  if tonumber(redis.call('HGET', KEYS[7], whose) or 0) <= tonumber(seq) then redis.call('HDEL', KEYS[7], whose) end
  if tonumber(redis.call('HGET', KEYS[8], whose) or 0) < tonumber(seq) then redis.call('HSET', KEYS[8], whose, seq) end
end

local active = redis.call('ZCOUNT', KEYS[5], '(' .. text(now), '+inf')
local revoked = redis.call('ZRANGEBYSCORE', KEYS[6], '(' .. ARGV[4], '+inf', 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[7]))
local cursor = ARGV[4]
local decided = tonumber(fields[13]) > 0
local answer = {fields[4], fields[5], fields[6], fields[7], fields[8], active, redis.call('ZCARD', KEYS[2]), fields[9],
  decided and fields[10] or '', fields[11], fields[12], cursor}
for at = 1, #revoked, 2 do
  answer[#answer + 1] = revoked[at]
  answer[12] = text(tonumber(revoked[at + 1]))
end
return answer
