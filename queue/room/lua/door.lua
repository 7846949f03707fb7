-- The door: gives a member the pass that they have, a new one, or a place in the line of those at the door.
-- KEYS: 1 room, 2 places, 3 over, 4 raises, 5 door (by place), 6 present (by when they asked last), 7 away (the same), 8 active (by expiry), 9 passes,
--       10 kept (by place): those at the door who were there when somebody behind them was given a pass
-- ARGV: 1 server, 2 epoch, 3 now, 4 member, 5 seq of the ticket, 6 its place in the order,
--       7 when the rules were changed, 8 1 if paused, 9 passes a minute, 10 life of a pass, 11 passes at once (0: as many as the pacer says),
--       12 claim window, 13 grace, 14 presence; all times in milliseconds
-- Returns: nil where the room is not known as of this server and epoch; otherwise one of
--       {"pass", 1 if new, seq, issued at, expires at}, {"waiting", admitted}, {"at-door", how many are ahead}, {"over"}, {"other", seq}
local fields = redis.call('HMGET', KEYS[1], 'server', 'epoch', 'now', 'seq', 'admitted', 'rules', 'paused', 'perMinute', 'ttl', 'rate', 'activeMax', 'tat', 'expiredTo', 'shutUntil', 'maxActive', 'seatsLeft')
if fields[1] ~= ARGV[1] or fields[2] ~= ARGV[2] then return nil end

local now = math.max(tonumber(ARGV[3]), tonumber(fields[3]))
local member, seq, place = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local admitted = tonumber(fields[5])
local paused, perMinute, ttl, maxActive = fields[7], tonumber(fields[8]), tonumber(fields[9]), tonumber(fields[15] or 0)
local function text(number) return string.format('%.0f', number) end

redis.call('HSET', KEYS[1], 'now', text(now))
if tonumber(ARGV[7]) > tonumber(fields[6]) then
  paused, perMinute, ttl, maxActive = ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
  redis.call('HSET', KEYS[1], 'rules', ARGV[7], 'paused', ARGV[8], 'perMinute', ARGV[9], 'ttl', ARGV[10], 'maxActive', ARGV[11])
end

-- Ends what a member has: the place was used, or nobody came for it.
local function finish(whose, theirs)
  redis.call('HDEL', KEYS[9], whose)
  redis.call('ZREM', KEYS[8], whose)
  if tonumber(redis.call('HGET', KEYS[2], whose) or 0) <= theirs then redis.call('HDEL', KEYS[2], whose) end
  if tonumber(redis.call('HGET', KEYS[3], whose) or 0) < theirs then redis.call('HSET', KEYS[3], whose, text(theirs)) end
end

local function passOf(whose)
  local pass = redis.call('HGET', KEYS[9], whose)
  if not pass then return nil end
  local its, issued, expires = pass:match('^(%d+) (%d+) (%d+)$')
  return tonumber(its), tonumber(issued), tonumber(expires)
end

for _, whose in ipairs(redis.call('ZRANGEBYSCORE', KEYS[8], '-inf', text(now), 'LIMIT', 0, 100)) do
  finish(whose, passOf(whose) or 0)
end

local held, issued, expires = passOf(member)
if held and expires > now then return {'pass', 0, held, issued, expires} end
if held then finish(member, held) end
if seq <= tonumber(redis.call('HGET', KEYS[3], member) or 0) then return {'over'} end

local known = tonumber(redis.call('HGET', KEYS[2], member) or 0)
if known > 0 and known < seq then return {'other', known} end
if known ~= seq then
  redis.call('HSET', KEYS[2], member, text(seq))
  if seq > tonumber(fields[4]) then redis.call('HSET', KEYS[1], 'seq', text(seq)) end
end
if place > admitted then return {'waiting', admitted} end

-- Those who have not asked for a while no longer stand there.
local gone = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', text(now - tonumber(ARGV[14])), 'WITHSCORES', 'LIMIT', 0, 1000)
for at = 1, #gone, 2 do
  redis.call('ZREM', KEYS[5], gone[at])
  redis.call('ZREM', KEYS[6], gone[at])
  redis.call('ZREM', KEYS[10], gone[at])
  redis.call('ZADD', KEYS[7], gone[at + 1], gone[at])
end

local stands = redis.call('ZSCORE', KEYS[5], member)
if stands and tonumber(stands) ~= place then
  -- An earlier ticket, which a loss had taken, has come back: they stand at its place.
  redis.call('ZADD', KEYS[5], text(place), member)
  redis.call('ZADD', KEYS[10], 'XX', text(place), member)
elseif not stands then
  -- Since when the member could have been here: they left then, or their place was reached by the first raise that went so far.
  -- Whoever left longer ago than a glance remembers is forgotten here too, whether or not there was one.
  local seen = redis.call('ZSCORE', KEYS[7], member)
  if seen and tonumber(seen) < now - 2 * tonumber(ARGV[13]) then seen = nil end
  local since = tonumber(seen or 0)
  if not seen and place > tonumber(fields[13]) then
    local raise = redis.call('ZRANGEBYSCORE', KEYS[4], text(place), '+inf', 'LIMIT', 0, 1)[1]
    since = tonumber(raise and raise:match(':(%d+)$') or now)
  end
  if now > since + tonumber(ARGV[12]) + tonumber(ARGV[13]) then
    redis.call('ZREM', KEYS[7], member)
    finish(member, seq)
    return {'over'}
  end
  redis.call('ZREM', KEYS[7], member)
  if not seen then redis.call('HINCRBY', KEYS[1], 'shown', 1) end
  redis.call('ZADD', KEYS[5], text(place), member)
end
redis.call('ZADD', KEYS[6], text(now), member)

-- At most perMinute in any 60 s: a bucket of `burst`, refilled one each `every` (GCRA); a slower pace takes more of it for each pass.
-- Why so many may leave at once is told in memory/pass-rate.ts.
local burst = math.max(perMinute >= 30 and 3 or perMinute >= 7 and 2 or 1, math.floor(perMinute / 20))
local every = 60000 / (perMinute - burst + 1)
local rate = tonumber(fields[10])
local ahead = redis.call('ZRANK', KEYS[5], member)
-- Whose pass is kept has it whatever the pacer has decided since; what others may take is what is left beside those.
local isKept = redis.call('ZSCORE', KEYS[10], member)
local before = isKept and 0 or ahead + redis.call('ZCOUNT', KEYS[10], '(' .. text(place), '+inf')
if paused == '0' and rate > 0 and now >= tonumber(fields[14]) then
  local cost = isKept and every or math.max(every, 60000 / rate)
  local tat = math.max(tonumber(fields[12]), now)
  -- Times are whole milliseconds; a twentieth of one forgives what doubles round, or the last of several tokens would be lost.
  local tokens = math.floor(((burst - 1) * every - (tat - now) + 0.05) / cost) + 1
  local most = isKept and math.huge or tonumber(fields[11])
  if maxActive > 0 then most = math.min(most, maxActive) end
  local inside = redis.call('ZCOUNT', KEYS[8], '(' .. text(now), '+inf')
  -- A pass that is kept for somebody is worth nothing once those inside have bought the last seats.
  local seatsLeft = tonumber(fields[16])
  local isSeated = isKept or ahead == 0 or not seatsLeft or inside + before < seatsLeft
  if before < tokens and before < most - inside and isSeated then
    for from = 0, ahead - 1, 1000 do
      local those, kept = redis.call('ZRANGE', KEYS[5], from, math.min(from + 999, ahead - 1), 'WITHSCORES'), {}
      for at = 1, #those, 2 do kept[at], kept[at + 1] = those[at + 1], those[at] end
      redis.call('ZADD', KEYS[10], unpack(kept))
    end
    expires = now + ttl
    redis.call('ZREM', KEYS[5], member)
    redis.call('ZREM', KEYS[6], member)
    redis.call('ZREM', KEYS[10], member)
    redis.call('ZADD', KEYS[8], text(expires), member)
    redis.call('HSET', KEYS[9], member, text(seq) .. ' ' .. text(now) .. ' ' .. text(expires))
    redis.call('HSET', KEYS[1], 'tat', string.format('%.17g', tat + cost))
    return {'pass', 1, seq, now, expires}
  end
end
return {'at-door', ahead}
