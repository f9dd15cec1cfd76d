-- Whose turn it is, shared by all scripts that put items into the queue or take a batch out of it.
-- A newcomer starts at the virtual time of now: it is served next, but gains no credit for having been away.
local function take_turn(lane, owner, batch)
  local flags = redis.call('HMGET', K.batch(batch), 'paused', 'stopped', 'owner')
  if flags[1] == '1' or flags[2] == '1' or not flags[3] then return end
  if redis.call('EXISTS', K.ready(batch, lane)) == 0 then return end
  redis.call('SADD', K.lanes(), lane)
  local turns = K.turns(lane, owner)
  if not redis.call('ZSCORE', turns, batch) then
    redis.call('ZADD', turns, redis.call('ZRANGE', turns, 0, 0, 'WITHSCORES')[2] or 0, batch)
  end
  if not redis.call('ZSCORE', K.ring(lane), owner) then
    local pass = math.max(tonumber(redis.call('HGET', K.passes(), owner) or 0), tonumber(redis.call('GET', K.vtime()) or 0))
    redis.call('ZADD', K.ring(lane), pass, owner)
  end
end

local function leave_turn(lane, owner, batch)
  redis.call('ZREM', K.turns(lane, owner), batch)
  if redis.call('EXISTS', K.turns(lane, owner)) == 0 then redis.call('ZREM', K.ring(lane), owner) end
end

local function lanes_of(batch)
  local found = {}
  for lane in (redis.call('HGET', K.batch(batch), 'lanes') or ''):gmatch('%S+') do found[#found + 1] = lane end
  return found
end

local function enqueue(lane, owner, batch, n)
  redis.call('ZADD', K.ready(batch, lane), n, n)
  local lanes = lanes_of(batch)
  if not has(lanes, lane) then
    lanes[#lanes + 1] = lane
    redis.call('HSET', K.batch(batch), 'lanes', table.concat(lanes, ' '))
  end
  take_turn(lane, owner, batch)
end

local function live_slots(since) -- of all workers that told of themselves since then
  local slots = 0
  for _, worker in ipairs(redis.call('ZRANGEBYSCORE', K.workers(), since, '+inf')) do
    slots = slots + tonumber(redis.call('HGET', K.slots(), worker) or 0)
  end
  return slots
end

-- A turn costs its owner one, in every lane. Virtual time never runs back: an owner who was long behind in a slow
-- lane must not make newcomers look as if they had waited as long.
local function pay_turn(lanes, owner, pass)
  redis.call('SET', K.vtime(), math.max(pass, tonumber(redis.call('GET', K.vtime()) or 0)))
  redis.call('HSET', K.passes(), owner, pass + 1)
  for _, any in ipairs(lanes) do redis.call('ZADD', K.ring(any), 'XX', pass + 1, owner) end
end
