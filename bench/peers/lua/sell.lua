-- Decides a key, once: sells seats, or notes a decision that was made without them.
-- KEYS: 1 what the key was answered, 2 the stream of what is to be written down, then the seats, if any
-- ARGV: 1 fingerprint, 2 how long the answer is kept, in milliseconds, 3 the verdict, 4 its content, 5 the reservation,
--       6 until when seats are held, in milliseconds since the epoch, 7 what the stream is to know beside, then the seats' names
-- Returns: fingerprint, verdict, content, and 1 if they are old
local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'verdict', 'content')
if known[1] then return { known[1], known[2], known[3], 1 } end

local verdict = ARGV[3]
local content = ARGV[4]
local taken = {}
for at = 3, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 1 then taken[#taken + 1] = ARGV[at + 5] end
end
if #taken > 0 then
  verdict = 'SEAT_TAKEN'
  content = table.concat(taken, ',')
else
  for at = 3, #KEYS do redis.call('SET', KEYS[at], ARGV[5], 'PXAT', ARGV[6]) end
end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'verdict', verdict, 'content', content)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('XADD', KEYS[2], '*', 'verdict', verdict, 'content', content, 'request', ARGV[7])
return { ARGV[1], verdict, content, 0 }
