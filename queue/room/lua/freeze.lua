-- Freezes the line, once: whoever joins from now on comes after it.
-- KEYS: 1 room
-- ARGV: 1 server, 2 epoch
-- Returns: nil where the room is not known as of this server and epoch; otherwise how many places the frozen line has
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'frozen', 'seq')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end
if fields[3] ~= '' then return tonumber(fields[3]) end
redis.call('HSET', KEYS[1], 'frozen', fields[4])
return tonumber(fields[4])
