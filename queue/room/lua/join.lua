-- Gives members their places: one each in an epoch, each place one higher than the one before.
-- KEYS: 1 room, 2 places, 3 over
-- ARGV: 1 server, 2 epoch, 3 highest place that the caller knows, 4 highest place that may be given out;
--       then for each member two: member, place of a ticket that comes back (0: none)
-- Returns: nil where the room is not known as of this server and epoch; otherwise for each member two numbers:
--       the place, and 1 if it is new; or 0 and the highest place of all, where none above it may be given out;
--       or -1 and 0 for a ticket whose place is over, where the member has no other
local room = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'seq', 'ceiling')
if room[1] ~= ARGV[1] or room[2] ~= ARGV[2] then return nil end

local high = math.max(tonumber(room[3]), tonumber(ARGV[3]))
local ceiling = math.max(tonumber(room[4]), tonumber(ARGV[4]))
local anyOver = redis.call('EXISTS', KEYS[3]) == 1
local answer = {}
for at = 5, #ARGV, 2 do
  local member = ARGV[at]
  local seq = tonumber(redis.call('HGET', KEYS[2], member) or 0)
  local back = tonumber(ARGV[at + 1])
  local isOver = back > 0 and anyOver and back <= tonumber(redis.call('HGET', KEYS[3], member) or 0)
  local isNew = 0
  if isOver then
    if seq == 0 then seq = -1 end
  elseif back > 0 and (seq == 0 or back < seq) then
    seq = back
    redis.call('HSET', KEYS[2], member, ARGV[at + 1])
    high = math.max(high, back)
  elseif seq == 0 and high < ceiling then
    high = high + 1
    seq = high
    isNew = 1
    redis.call('HSET', KEYS[2], member, string.format('%.0f', seq))
  end
  answer[#answer + 1] = seq
  answer[#answer + 1] = seq == 0 and high or isNew
end
redis.call('HSET', KEYS[1], 'seq', string.format('%.0f', high), 'ceiling', string.format('%.0f', ceiling))
return answer
