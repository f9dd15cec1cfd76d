-- A pilot: only its sample stands in the queue. The others are queued too, but held back and without a hold of money
-- until a person approves. Fields of the batch: pilot open|approved, sample "0 4 9", round, back: how many are held back.
local function sample_of(batch)
  local found = {}
  for n in (redis.call('HGET', K.batch(batch), 'sample') or ''):gmatch('%d+') do found[#found + 1] = tonumber(n) end
  return found
end

local function needs_approval(batch, n)
  return redis.call('HGET', K.batch(batch), 'pilot') == 'open' and not has(sample_of(batch), tonumber(n))
end

local function hold_back(batch, n)
  redis.call('HINCRBY', K.batch(batch), 'back', redis.call('ZADD', K.back(batch), n, n))
end

local function let_go(batch, n) -- whether it was held back
  if redis.call('ZREM', K.back(batch), n) == 0 then return false end
  return redis.call('HINCRBY', K.batch(batch), 'back', -1) >= 0
end

local function in_review(batch) -- its sample is made, and something waits for the word on it
  local pilot, back, stopped, q, w, r = unpack(redis.call('HMGET', K.batch(batch), 'pilot', 'back', 'stopped', 'queued',
    'waiting', 'running'))
  return pilot == 'open' and back ~= '0' and stopped == '0' and q + w + r == tonumber(back)
end

local function is_round(batch, round) return round == '' or round == redis.call('HGET', K.batch(batch), 'round') end

-- THE ONE PLACE where a pilot's money is held, after the sample's own at submit: for the rest at approval, for the
-- sample once more at a repeat. What it returns refuses the step; nothing has been written by then.
local function reserve(batch, micros)
  redis.call('HINCRBY', K.batch(batch), 'held', micros)
end

-- The rest of a pilot in review joins the queue. Returns why not, else nil.
local function approve(owner, batch)
  local rest, micros = redis.call('ZRANGE', K.back(batch), 0, -1), 0
  for _, n in ipairs(rest) do micros = micros + price_of(batch, n) end
  local refused = reserve(batch, micros)
  if refused then return refused end
  redis.call('DEL', K.back(batch))
  redis.call('HSET', K.batch(batch), 'pilot', 'approved', 'back', 0)
  redis.call('HINCRBY', K.batch(batch), 'version', 1)
  for _, n in ipairs(rest) do enqueue(lane_of(batch, n), owner, batch, n) end
  emit(owner, 'b', batch)
end

-- From here on nothing of the batch is sent; its items are ended by cancel_items, or by a worker's sweep.
local function stop_batch(owner, batch, letters)
  local whole = K.batch(batch)
  if in_review(batch) then -- nothing is broken off, and nobody needs to be told what they have just looked at
    redis.call('HSET', whole, 'sampled', '1')
    redis.call('HDEL', whole, 'news')
  end
  redis.call('HSET', whole, 'stopped', '1', 'paused', '0')
  redis.call('HINCRBY', whole, 'version', 1)
  redis.call('SADD', K.stopping(), batch) -- a worker's sweep goes on where the caller dies half-way
  for at in letters:gmatch('()r') do redis.call('HSET', K.item(batch, at - 1), 'stop', '1') end
  for _, lane in ipairs(lanes_of(batch)) do leave_turn(lane, owner, batch) end
end
