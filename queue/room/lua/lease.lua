-- The lease that only one process of all has.
-- KEYS: 1 lease
-- ARGV: 1 holder, 2 how long, 3 now, both in milliseconds
-- Returns: the fence, which rises with each holder, also when the lease itself was lost meanwhile; nil while somebody else has it
local fields = redis.call('HMGET', KEYS[1], 'holder', 'until', 'fence')
local now = tonumber(ARGV[3])
local function text(number) return string.format('%.0f', number) end
local fence = tonumber(fields[3] or 0)
if fields[1] ~= ARGV[1] then
  if fields[1] and tonumber(fields[2]) > now then return nil end
  fence = math.max(fence + 1, now)
end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'until', text(math.max(now + tonumber(ARGV[2]), tonumber(fields[2] or 0))), 'fence', text(fence))
return fence
