-- Locks seats for one request: all or none.
-- KEYS: the seats
-- ARGV: 1 who locks, 2 for how long at most, in milliseconds
-- Returns: nil: they are locked. Otherwise the positions of those that are held, from 1; none: others are locking some of them now
local held = {}
local isLocked = false
for at, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if value == 'held' then
    held[#held + 1] = at
  elseif value then
    isLocked = true
  end
end
if isLocked or #held > 0 then return held end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return nil
