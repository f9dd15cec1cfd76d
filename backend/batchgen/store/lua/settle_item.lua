-- settle_item: how a running item ends or goes to wait: state, lease, counters, attempt, money, event in one step
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 item id 3 lease token 4 target 5 delay ms before a retry 6 fields json
-- 7 outcome of the attempt or '' 8 charged no|unknown|yes 9 made json {amount?, price?, quantity, unit, attempt?}
-- 10 terms json 11.. states from which the target may be entered
-- returns the state it is in now, 0 stale token or sent although no outcome is given, -1 wrong state,
-- -2 no budget to go on with: nothing was changed
local now, id, to = now_ms(ARGV[1]), ARGV[2], ARGV[4]
local batch, n = split(id)
local held = redis.call('HMGET', KEYS[1], 'token', 'state', 'stop', 'sent', 'attempts', 'key')
if not held[2] or not owner_of(batch) then -- its batch was deleted: the lease goes too
  for _, any in ipairs(redis.call('SMEMBERS', K.lines())) do
    redis.call('ZREM', K.leases(any), id)
    redis.call('ZREM', K.rate(any), ARGV[3])
  end
  return 0
end
if held[1] ~= ARGV[3] or (held[4] and ARGV[7] == '') then return 0 end -- sent since it was looked at
if not has(ARGV, held[2], 11) then return -1 end
local lane, owner, price, month = lane_of(batch, n), owner_of(batch), price_of(batch, n), month_of(batch, n)
if to == 'waiting' and (held[3] or redis.call('HGET', KEYS[2], 'stopped') == '1') then to = 'cancelled' end

local fields, terms, made, charged = cjson.decode(ARGV[6]), cjson.decode(ARGV[10]), cjson.decode(ARGV[9]), ARGV[8]
local from_kept = charged == 'yes' and not held[4]
if not held[4] then charged = 'no' end -- what never left the house costs nothing
local due = lane:find('+batch/', 1, true) and tonumber(redis.call('HGET', KEYS[2], 'economy_price')) or price
local amount = charged == 'no' and 0 or made.amount or due
if to == 'waiting' then -- it is going to cost once more, perhaps elsewhere
  if over(terms, owner, batch, month, amount + (tonumber(fields.price) or price) - price) then return -2 end
end

local line = line_of(lane, held[6] or '')
redis.call('ZREM', K.leases(line), id)
if not held[4] then redis.call('ZREM', K.rate(line), ARGV[3]) end
redis.call('HDEL', KEYS[1], 'token', 'key', 'stop', 'sent', 'retry_at', 'error', 'detail')
for name, value in pairs(fields) do redis.call('HSET', KEYS[1], name, value) end
note_bytes(owner, batch, fields.bytes)
local call = {owner = owner, batch = batch, n = n, lane = lane, month = month, price = due,
  attempt = made.attempt or tonumber(held[5]) or 0}
made.price = made.price or due
if held[4] and ARGV[7] ~= '' then
  local kept_month = month == redis.call('HGET', KEYS[2], 'month') and '' or month
  write_attempt(KEYS[1], call.attempt, {lane = lane, sent = held[4], ended = now, outcome = ARGV[7], charged = charged,
    amount = charged == 'no' and '' or string.format('%.0f', amount), month = kept_month})
  if ARGV[7] == 'succeeded' then note_speed(lane, now - held[4]) end
elseif from_kept then -- from bytes that an earlier call left: that call is what was paid
  paid_after_all(terms, now, call, made, ARGV[7])
end
if charged == 'unknown' then redis.call('HINCRBY', KEYS[1], 'unclear', 1) end
charge(terms, now, call, charged == 'yes' and 'settled' or 'possibly_paid', amount, made)
if to == 'waiting' then
  redis.call('HSET', KEYS[1], 'retry_at', now + ARGV[5])
  redis.call('ZADD', K.waiting(), now + ARGV[5], id)
  count(owner, batch, month, 'held', price_of(batch, n) - price) -- it may go on with another provider
else
  redis.call('HSET', KEYS[1], 'finished', now)
  count(owner, batch, month, 'held', 0 - price)
end
move(owner, batch, n, held[2], to, now)
return to
