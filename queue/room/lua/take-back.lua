-- Takes back a pass that was handed to nobody: its member stands at the door again.
-- KEYS: 1 room, 2 door, 3 present, 4 active, 5 passes
-- ARGV: 1 server, 2 epoch, 3 now, 4 member, 5 seq of the pass, 6 its place in the order
-- Returns: nil where the room is not known as of this server and epoch; 1 if there was such a pass, otherwise 0
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end

local now = string.format('%.0f', math.max(tonumber(ARGV[3]), tonumber(fields[3])))
redis.call('HSET', KEYS[1], 'now', now)
local member = ARGV[4]
local pass = redis.call('HGET', KEYS[5], member)
if not pass or pass:match('^(%d+) ') ~= ARGV[5] then return 0 end
redis.call('HDEL', KEYS[5], member)
redis.call('ZREM', KEYS[4], member)
redis.call('ZADD', KEYS[2], ARGV[6], member)
redis.call('ZADD', KEYS[3], now, member)
return 1
