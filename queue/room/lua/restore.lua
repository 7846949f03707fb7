-- Makes a room, or brings it back after the store has lost it or fallen back to an older copy. Harmless where nothing is lost.
-- KEYS: 1 room, 2 places, 3 over, 4 raises, 5 door, 6 present, 7 away, 8 active, 9 passes, 10 revoked, 11 journal, 12 kept
-- ARGV: 1 server, 2 epoch, 3 now, 4 threshold, 5 highest place as it was written down, 6 ceiling, 7 highest place that the caller knows,
--       8 places that were frozen ("": none), 9 what earlier losses have skipped ("from-to" by commas), 10 when the rules were changed, 11 1 if paused,
--       12 passes a minute, 13 life of a pass, 14 passes at once (0: as many as the pacer says), 15 for how long the door gives no pass; then for each pass that was handed out, by when that was, five: member, seq, issued at, expires at, 1 if it ended before its time
-- Returns: {epoch that was there before (0: none), 1 if the room was restored by this}
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now', 'seq', 'gaps', 'admitted', 'frozen', 'tat', 'revoked')
local before = tonumber(fields[2] or 0)
local epoch = tonumber(ARGV[2])
if before > epoch or (before == epoch and fields[1] == ARGV[1]) then return {before, 0} end

local function text(number) return string.format('%.0f', number) end
local isCopy = before == epoch
if not isCopy then
  redis.call('UNLINK', unpack(KEYS))
  fields = {}
end
local now = math.max(tonumber(ARGV[3]), tonumber(fields[3] or 0))

-- What was given out after the last note is unknown, but never above the ceiling: the counter starts twice as far above.
local written, ceiling = tonumber(ARGV[5]), tonumber(ARGV[6])
local known = math.max(tonumber(fields[4] or 0), written, tonumber(ARGV[7]))
local high = math.max(known, written + 2 * math.max(0, ceiling - written))
-- The copy may know of gaps that nobody has written down, and the other way round.
local skipped = {}
for _, of in ipairs({ARGV[9], fields[5] or '', high > known and text(known + 1) .. '-' .. text(high) or ''}) do
  for from, to in of:gmatch('(%d+)-(%d+)') do skipped[#skipped + 1] = {tonumber(from), tonumber(to)} end
end
table.sort(skipped, function(a, b) return a[1] < b[1] end)
local merged = {}
for _, gap in ipairs(skipped) do
  local last = merged[#merged]
  if last and gap[1] <= last[2] then last[2] = math.max(last[2], gap[2]) else merged[#merged + 1] = gap end
end
for at, gap in ipairs(merged) do merged[at] = text(gap[1]) .. '-' .. text(gap[2]) end
local gaps = table.concat(merged, ',')

-- Whoever was let in stays in, and has the whole time again to come; also who stood at the door, or had left it: they could not ask meanwhile.
local admitted = math.max(tonumber(fields[6] or 0), tonumber(ARGV[4]))
redis.call('UNLINK', KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[12])
if admitted > 0 then redis.call('ZADD', KEYS[4], text(admitted), text(admitted) .. ':' .. text(now)) end

-- The database has every pass that anybody was ever given, and the bucket is as empty as they left it.
local perMinute = tonumber(ARGV[12])
local burst = math.max(perMinute >= 30 and 3 or perMinute >= 7 and 2 or 1, math.floor(perMinute / 20))
local every = 60000 / (perMinute - burst + 1)
local tat = 0
for at = 16, #ARGV, 5 do
  local member, seq, issued, expires, ended = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), ARGV[at + 4]
  -- Whoever's clock was ahead when they gave it out: the door must not wait for that time.
  tat = math.max(tat, math.min(issued, now)) + every
  if ended == '1' or expires <= now then
    redis.call('HSET', KEYS[3], member, seq)
    if tonumber(redis.call('HGET', KEYS[2], member) or 0) <= tonumber(seq) then redis.call('HDEL', KEYS[2], member) end
  else
    redis.call('HSET', KEYS[2], member, seq)
    redis.call('ZADD', KEYS[8], text(expires), member)
    redis.call('HSET', KEYS[9], member, seq .. ' ' .. text(issued) .. ' ' .. text(expires))
  end
end

redis.call('HSET', KEYS[1], 'server', ARGV[1], 'epoch', ARGV[2], 'now', text(now), 'seq', text(high), 'ceiling', text(math.max(high, ceiling)),
  'gaps', gaps, 'admitted', text(admitted), 'frozen', ARGV[8] ~= '' and ARGV[8] or fields[7] or '',
  'shown', '0', 'rules', ARGV[10], 'paused', ARGV[11], 'perMinute', ARGV[12], 'ttl', ARGV[13], 'maxActive', ARGV[14], 'tat', string.format('%.17g', math.max(tat, tonumber(fields[8] or 0))),
  -- Who stood at the door is not known any more: they have time to ask again before others are let in.
  'shutUntil', admitted > 0 and text(now + tonumber(ARGV[15])) or '0',
  -- Numbers of revocations go on above all that were ever seen.
  'revoked', text(math.max(tonumber(fields[9] or 0), now)))
if not isCopy then redis.call('HSET', KEYS[1], 'rate', '0', 'activeMax', '0', 'seatsLeft', '0', 'fence', '0', 'expiredTo', '0') end
return {before, 1}
