-- Gives the lease back.
-- KEYS: 1 lease
-- ARGV: 1 holder
-- Returns: 1 if it was the holder's, otherwise 0
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'holder', '', 'until', '0')
return 1
