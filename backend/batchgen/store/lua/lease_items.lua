-- lease_items: the fair next items, marked running under a fresh lease, as many as there are free slots for
-- KEYS 1 lanes 2 lines  ARGV 1 now|'' 2 at most 3 limits json {provider: {at_once, starts, window, keys}} 4 lease ms
-- 5 silence ms after which a worker is gone 6 token prefix
-- returns {item id, token, lane, key, ...}
local now, limits = now_ms(ARGV[1]), cjson.decode(ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.waiting(), '-inf', now, 'LIMIT', 0, 500)) do
  local batch, n = split(id)
  redis.call('ZREM', K.waiting(), id)
  enqueue(lane_of(batch, n), owner_of(batch), batch, n)
end

local free, lanes = live_slots(now - ARGV[5]), redis.call('SMEMBERS', KEYS[1])
for _, line in ipairs(redis.call('SMEMBERS', KEYS[2])) do free = free - redis.call('ZCARD', K.leases(line)) end
if free <= 0 then return {} end
table.sort(lanes)
local keys, room = {}, {}
for _, lane in ipairs(lanes) do keys[lane], room[lane] = budgets(lane, limits[provider_of(lane)], now) end

local function next_turn() -- the lane with room whose first owner has had the least; of equals the emptier lane
  local best, least, owner
  for _, lane in ipairs(lanes) do
    local head = room[lane] > 0 and redis.call('ZRANGE', K.ring(lane), 0, 0, 'WITHSCORES') or {}
    local score = tonumber(head[2])
    if score and (not best or score < least or (score == least and room[lane] > room[best])) then
      best, least, owner = lane, score, head[1]
    end
  end
  return best, least, owner
end

local out = {}
while free > 0 and #out < ARGV[2] * 4 do
  local lane, pass, owner = next_turn()
  if not lane then break end
  local turns, key = K.turns(lane, owner), widest(keys[lane])
  local batch = redis.call('ZRANGE', turns, 0, 0)[1]
  local n = redis.call('ZPOPMIN', K.ready(batch, lane))[1]
  redis.call('ZADD', turns, redis.call('ZRANGE', turns, -1, -1, 'WITHSCORES')[2] + 1, batch)
  pay_turn(lanes, owner, pass)
  if redis.call('EXISTS', K.ready(batch, lane)) == 0 then leave_turn(lane, owner, batch) end
  local item, id, token, line = K.item(batch, n), batch .. '-' .. n, ARGV[6] .. #out, line_of(lane, key)
  redis.call('HSET', item, 'token', token, 'key', key)
  redis.call('HSETNX', item, 'started', now)
  redis.call('HDEL', item, 'retry_at', 'sent', 'finished', 'error', 'detail')
  redis.call('SADD', KEYS[2], line)
  redis.call('ZADD', K.leases(line), now + ARGV[4], id)
  if key ~= '' and limits[provider_of(lane)].starts > 0 then redis.call('ZADD', K.rate(line), now + PUT_OFF, token) end
  move(owner, batch, n, redis.call('HGET', item, 'state'), 'running', now)
  free, room[lane], keys[lane][key] = free - 1, room[lane] - 1, keys[lane][key] - 1
  out[#out + 1], out[#out + 2], out[#out + 3], out[#out + 4] = id, token, lane, key
end
return out
