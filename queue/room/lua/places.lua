-- Some of those who have a place, in no order.
-- KEYS: 1 room, 2 places
-- ARGV: 1 server, 2 epoch, 3 cursor ("0": the beginning), 4 about how many
-- Returns: nil where the room is not known as of this server and epoch; otherwise {cursor ("0": the end), {member, seq, …}}
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end
return redis.call('HSCAN', KEYS[2], ARGV[3], 'COUNT', ARGV[4])
