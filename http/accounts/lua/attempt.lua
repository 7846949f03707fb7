-- Takes or gives back an attempt: GCRA, a leaky bucket kept as the time at which it will be empty; the key goes when it is.
-- KEYS: 1 bucket
-- ARGV: 1 now, as Unix time, 2 time for one attempt, 3 attempts at once, 4 "1" takes one, "-1" gives one back; all times in milliseconds
-- Returns: 0, or the time after which there is an attempt again, and then none was taken
local now, every, burst, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local emptyAt = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = emptyAt + every - burst * every - now
if step == 1 and wait > 0 then return math.ceil(wait) end

emptyAt = emptyAt + step * every
if emptyAt > now then
  redis.call('SET', KEYS[1], string.format('%.0f', emptyAt), 'PX', string.format('%.0f', emptyAt - now))
else
  redis.call('DEL', KEYS[1])
end
return 0
