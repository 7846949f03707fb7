-- Ends the lock of one request, as far as it is still its own.
-- KEYS: the seats
-- ARGV: 1 who locked, 2 until when the seats are held, in milliseconds since the epoch; 0: they are not
-- Returns: how many were its own
local own = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    own = own + 1
    if ARGV[2] == '0' then
      redis.call('DEL', key)
    else
      redis.call('SET', key, 'held', 'PXAT', ARGV[2])
    end
  end
end
return own
