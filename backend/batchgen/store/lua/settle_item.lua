-- settle_item: how a running item ends or goes to wait: state, lease, counters, attempt, money, event in one step
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 item id 3 lease token 4 target 5 delay ms before a retry 6 fields json
-- 7 outcome of the attempt or '' 8 charged no|unknown|yes 9.. states from which the target may be entered
-- returns the state it is in now, 0 stale token or sent although no outcome is given, -1 wrong state
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
if not has(ARGV, held[2], 9) then return -1 end
local lane, owner, price = lane_of(batch, n), owner_of(batch), price_of(batch, n)
if to == 'waiting' and (held[3] or redis.call('HGET', KEYS[2], 'stopped') == '1') then to = 'cancelled' end

local line = line_of(lane, held[6] or '')
redis.call('ZREM', K.leases(line), id)
if not held[4] then redis.call('ZREM', K.rate(line), ARGV[3]) end
redis.call('HDEL', KEYS[1], 'token', 'key', 'stop', 'sent', 'retry_at', 'error', 'detail')
for name, value in pairs(cjson.decode(ARGV[6])) do redis.call('HSET', KEYS[1], name, value) end
local charged, attempt = ARGV[8], 'a' .. (held[5] or 0)
if held[4] and ARGV[7] ~= '' then
  redis.call('HSET', KEYS[1], attempt, table.concat({lane, held[4], now, ARGV[7], charged}, '|'))
  if ARGV[7] == 'succeeded' then
    local took, before = now - held[4], tonumber(redis.call('HGET', K.speed(), lane) or 0)
    redis.call('HSET', K.speed(), lane, math.floor(before == 0 and took or before * 0.8 + took * 0.2))
  end
elseif charged == 'yes' then -- from bytes that an earlier call left: that call is what was paid
  local head, was = (redis.call('HGET', KEYS[1], attempt) or '||||'):match('^(.*)|[^|]*|([^|]*)$')
  redis.call('HSET', KEYS[1], attempt, head .. '|' .. ARGV[7] .. '|yes')
  if was == 'yes' then charged = 'no' end
  if was == 'unknown' then
    redis.call('HINCRBY', KEYS[1], 'unclear', -1)
    redis.call('HINCRBY', KEYS[2], 'unclear', 0 - price)
  end
end
if charged == 'yes' then
  redis.call('HINCRBY', KEYS[1], 'cost', price)
  redis.call('HINCRBY', KEYS[2], 'settled', price)
  redis.call('HINCRBY', K.spent(), lane:match('^[^/]*'), price)
elseif charged == 'unknown' then
  redis.call('HINCRBY', KEYS[1], 'unclear', 1)
  redis.call('HINCRBY', KEYS[2], 'unclear', price)
end
if to == 'waiting' then
  redis.call('HSET', KEYS[1], 'retry_at', now + ARGV[5])
  redis.call('ZADD', K.waiting(), now + ARGV[5], id)
  redis.call('HINCRBY', KEYS[2], 'held', price_of(batch, n) - price) -- it may go on with another provider
else
  redis.call('HSET', KEYS[1], 'finished', now)
  redis.call('HINCRBY', KEYS[2], 'held', 0 - price)
end
move(owner, batch, n, held[2], to, now)
return to
