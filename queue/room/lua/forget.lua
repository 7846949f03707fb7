-- Lets go of a room.
-- KEYS: 1 room, and then all its others
-- ARGV: 1 epoch
-- Returns: 1 if the room was there in this epoch, otherwise 0
local isThere = redis.call('HGET', KEYS[1], 'epoch') == ARGV[1]
if isThere then redis.call('UNLINK', KEYS[1]) end
for at = 2, #KEYS do redis.call('UNLINK', KEYS[at]) end
return isThere and 1 or 0
