-- Whose turn it is, shared by all scripts that put items into the queue or take a batch out of it.
-- A newcomer starts at the virtual time of now: it is served next, but gains no credit for having been away.
local function take_turn(lane, owner, batch)
  if redis.call('HGET', K.batch(batch), 'paused') == '1' then return end
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
