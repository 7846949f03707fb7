-- Takes the pacer's decision: the threshold, which never falls, and how fast and how full the door may be.
-- KEYS: 1 room, 2 raises (by threshold: "threshold:when"), 3 journal
-- ARGV: 1 server, 2 epoch, 3 now, 4 fence, 5 threshold, 6 passes a minute now, 7 passes at once, 8 seats left ("": unknown),
--       9 when the rules were changed, 10 1 if paused, 11 passes a minute at most, 12 life of a pass, 13 passes at once at most (0: as 7),
--       14 how long a raise matters, 15 note for the journal ("": none), 16 entries that the journal keeps
-- Returns: nil where the room is not known as of this server and epoch; 0 when a later pacer has decided already; otherwise 1
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now', 'fence', 'admitted', 'seq', 'rules')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end
if tonumber(ARGV[4]) < tonumber(fields[4]) then return 0 end

local function text(number) return string.format('%.0f', number) end
local now = math.max(tonumber(ARGV[3]), tonumber(fields[3]))
local admitted = tonumber(fields[5])
-- Nobody is let in before they have come.
local raised = math.max(admitted, math.min(tonumber(ARGV[5]), tonumber(fields[6])))
if raised > admitted then redis.call('ZADD', KEYS[2], text(raised), text(raised) .. ':' .. text(now)) end

local oldest = now - tonumber(ARGV[14])
for _ = 1, 100 do
  local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  if not first[1] or tonumber(first[1]:match(':(%d+)$')) >= oldest then break end
  redis.call('ZREM', KEYS[2], first[1])
  redis.call('HSET', KEYS[1], 'expiredTo', text(tonumber(first[2])))
end

if tonumber(ARGV[9]) > tonumber(fields[7]) then
  redis.call('HSET', KEYS[1], 'rules', ARGV[9], 'paused', ARGV[10], 'perMinute', ARGV[11], 'ttl', ARGV[12], 'maxActive', ARGV[13])
end
redis.call('HSET', KEYS[1], 'now', text(now), 'fence', ARGV[4], 'admitted', text(raised), 'rate', ARGV[6], 'activeMax', ARGV[7], 'seatsLeft', ARGV[8])
if ARGV[15] ~= '' then
  redis.call('LPUSH', KEYS[3], ARGV[15])
  redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[16]) - 1)
end
return 1
