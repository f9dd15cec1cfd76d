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

local function held_for(batch, n) -- what an open item holds: nothing while it is held back
  return redis.call('ZSCORE', K.back(batch), n) and 0 or price_of(batch, n)
end
