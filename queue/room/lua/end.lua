-- Ends a pass before its time, and lets everybody know who asks for what was revoked.
-- KEYS: 1 room, 2 places, 3 over, 4 active, 5 passes, 6 revoked (by number: "seq:expires at")
-- ARGV: 1 server, 2 epoch, 3 now, 4 member, 5 seq of the pass, 6 expires at
-- Returns: nil where the room is not known as of this server and epoch; 1 if the pass was valid, otherwise 0
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end

local function text(number) return string.format('%.0f', number) end
local now = math.max(tonumber(ARGV[3]), tonumber(fields[3]))
redis.call('HSET', KEYS[1], 'now', text(now))
local member, seq = ARGV[4], tonumber(ARGV[5])
local pass = redis.call('HGET', KEYS[5], member)
local wasValid = 0
if pass and tonumber(pass:match('^(%d+) ')) == seq then
  redis.call('HDEL', KEYS[5], member)
  redis.call('ZREM', KEYS[4], member)
  if tonumber(pass:match(' (%d+)$')) > now then wasValid = 1 end
end
if tonumber(redis.call('HGET', KEYS[2], member) or 0) <= seq then redis.call('HDEL', KEYS[2], member) end
if tonumber(redis.call('HGET', KEYS[3], member) or 0) < seq then redis.call('HSET', KEYS[3], member, ARGV[5]) end

redis.call('ZADD', KEYS[6], text(redis.call('HINCRBY', KEYS[1], 'revoked', 1)), ARGV[5] .. ':' .. ARGV[6])
for _ = 1, 10 do
  local oldest = redis.call('ZRANGE', KEYS[6], 0, 0)[1]
  if not oldest or tonumber(oldest:match(':(%d+)$')) > now then break end
  redis.call('ZREM', KEYS[6], oldest)
end
return wasValid
