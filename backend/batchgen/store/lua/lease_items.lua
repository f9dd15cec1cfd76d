-- lease_items: the fair next items, marked running under a fresh lease, as many as there are free slots for
-- KEYS 1 lanes  ARGV 1 now|'' 2 at most 3 limits json {provider: [concurrency, starts per minute or 0]} 4 lease ms
-- 5 silence ms after which a worker is gone 6 token prefix
-- returns {item id, token, lane, ...}
local now, limits = now_ms(ARGV[1]), cjson.decode(ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.waiting(), '-inf', now, 'LIMIT', 0, 500)) do
  local batch, n = split(id)
  redis.call('ZREM', K.waiting(), id)
  enqueue(lane_of(batch, n), owner_of(batch), batch, n)
end

local free, lanes, room, hall = live_slots(now - ARGV[5]), redis.call('SMEMBERS', KEYS[1]), {}, {} -- room of a lane, hall of its provider
table.sort(lanes)
for _, lane in ipairs(lanes) do
  local provider = lane:match('^[^/]+')
  local limit, running = limits[provider] or {0, 0}, redis.call('ZCARD', K.leases(lane))
  free, room[lane] = free - running, limit[1]
  hall[provider] = (hall[provider] or limit[1]) - running
  if limit[2] > 0 then
    redis.call('ZREMRANGEBYSCORE', K.rate(lane), '-inf', now - 60000)
    room[lane] = limit[2] - redis.call('ZCARD', K.rate(lane))
  end
end

local function next_turn() -- the lane with room whose first owner has had the least; of equals the emptier lane
  local best, least, owner, most
  for _, lane in ipairs(lanes) do
    local open = math.min(room[lane], hall[lane:match('^[^/]+')])
    local head = open > 0 and redis.call('ZRANGE', K.ring(lane), 0, 0, 'WITHSCORES') or {}
    local score = tonumber(head[2])
    if score and (not best or score < least or (score == least and open > most)) then
      best, least, owner, most = lane, score, head[1], open
    end
  end
  return best, least, owner
end

local out = {}
while free > 0 and #out < ARGV[2] * 3 do
  local lane, pass, owner = next_turn()
  if not lane then break end
  local turns = K.turns(lane, owner)
  local batch = redis.call('ZRANGE', turns, 0, 0)[1]
  local n = redis.call('ZPOPMIN', K.ready(batch, lane))[1]
  redis.call('ZADD', turns, redis.call('ZRANGE', turns, -1, -1, 'WITHSCORES')[2] + 1, batch)
  pay_turn(lanes, owner, pass)
  if redis.call('EXISTS', K.ready(batch, lane)) == 0 then leave_turn(lane, owner, batch) end
  local item, id, token = K.item(batch, n), batch .. '-' .. n, ARGV[6] .. #out
  redis.call('HSET', item, 'token', token)
  redis.call('HSETNX', item, 'started', now)
  redis.call('HDEL', item, 'retry_at', 'sent', 'finished', 'error', 'detail')
  redis.call('ZADD', K.leases(lane), now + ARGV[4], id)
  local provider = lane:match('^[^/]+')
  if limits[provider][2] > 0 then redis.call('ZADD', K.rate(lane), now, token) end
  move(owner, batch, n, redis.call('HGET', item, 'state'), 'running', now)
  free, room[lane], hall[provider] = free - 1, room[lane] - 1, hall[provider] - 1
  out[#out + 1], out[#out + 2], out[#out + 3] = id, token, lane
end
return out
