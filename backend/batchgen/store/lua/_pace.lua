-- How fast each key of a provider may go in a lane. A lane's pace: `<key>:room` calls at once that experience allows
-- (none: the limit), `<key>:until` its rest after a 429, `<key>:halved` when that was; `fails` in a row, `opens` of its
-- breaker in a row, `until` when the breaker lets one call try.
local function provider_of(lane) return lane:match('^[^/]+') end
local function line_of(lane, key) return lane .. '|' .. key end
local function num(value) return tonumber(value or 0) or 0 end
local PUT_OFF = 86400000 -- ms: a start stays in the window for however long it takes until it is sent, or is not
local HOPELESS = {auth = true, overdue = true} -- no reset is known: only a person can help

local function rest_of(lane, key) -- ms until which a key rests, and why
  local till, why = (redis.call('HGET', K.rests(provider_of(lane)), key) or ''):match('^(%d+) (%S+)$')
  return num(till), why
end

-- ms until one of the keys may go in the lane: 0 now, -1 not by itself.
local function wait_for_key(lane, keys, now)
  local soonest = -1
  for _, key in ipairs(keys) do
    local till, why = rest_of(lane, key)
    if till <= now then return 0 end
    if not HOPELESS[why] and (soonest < 0 or till - now < soonest) then soonest = till - now end
  end
  return soonest
end

-- {key: calls that it may start now} and their sum. Where no key is of use, the key '' takes items that are to be told so.
local function budgets(lane, limit, now)
  local open, sum = {}, 0
  if not limit then return open, sum end
  if wait_for_key(lane, limit.keys, now) < 0 then return {[''] = limit.at_once}, limit.at_once end
  local shut, running = num(redis.call('HGET', K.pace(lane), 'until')), 0
  if shut > now then return open, sum end
  for _, key in ipairs(limit.keys) do
    local line = line_of(lane, key)
    local own = redis.call('HMGET', K.pace(lane), key .. ':room', key .. ':until')
    local busy = redis.call('ZCARD', K.leases(line))
    local free = math.min(math.floor(num(own[1] or limit.at_once)), limit.at_once) - busy
    if limit.starts > 0 then
      redis.call('ZREMRANGEBYSCORE', K.rate(line), '-inf', now - limit.window)
      free = math.min(free, limit.starts - redis.call('ZCARD', K.rate(line)))
    end
    running = running + busy
    if free > 0 and num(own[2]) <= now and rest_of(lane, key) <= now then open[key], sum = free, sum + free end
  end
  if shut > 0 then -- half open: one call tries for all
    for key in pairs(open) do
      if running > 0 then return {}, 0 end
      return {[key] = 1}, 1
    end
  end
  return open, sum
end

local function widest(open) -- the key with the most to spare; of equals always the same
  local best
  for key, free in pairs(open) do
    if free > 0 and (not best or free > open[best] or (free == open[best] and key < best)) then best = key end
  end
  return best
end
