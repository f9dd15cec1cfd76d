-- What a person's word on a sample does: money is held, the rest joins the queue, or nothing is sent any more.
local function hold_in(month, batch, n) -- an item's hold counts in the month in which it was taken
  local own = month ~= redis.call('HGET', K.batch(batch), 'month')
  if own then redis.call('HSET', K.item(batch, n), 'month', month) else redis.call('HDEL', K.item(batch, n), 'month') end
end

-- The one place where a pilot's money is held, after the sample's own at submit: for the rest at approval, for the
-- sample once more at a repeat. Returns {'over', ...} where the budget is short: nothing was written then.
local function reserve(terms, now, owner, batch, indexes, price)
  local month, micros = month_at(terms, now), 0
  for _, n in ipairs(indexes) do micros = micros + (price or price_of(batch, n)) end
  local refused = over(terms, owner, batch, month, micros)
  if refused then return refused end
  count(owner, batch, month, 'held', micros)
  for _, n in ipairs(indexes) do hold_in(month, batch, n) end
end

-- The rest of a pilot in review joins the queue. Returns why not, else nil.
local function approve(terms, now, owner, batch)
  local rest = redis.call('ZRANGE', K.back(batch), 0, -1)
  local refused = reserve(terms, now, owner, batch, rest)
  if refused then return refused end
  redis.call('DEL', K.back(batch))
  redis.call('HSET', K.batch(batch), 'pilot', 'approved', 'back', 0)
  redis.call('HINCRBY', K.batch(batch), 'version', 1)
  local queued = {}
  for _, n in ipairs(rest) do -- one turn is enough for all of a lane
    local lane = lane_of(batch, n)
    if queued[lane] then redis.call('ZADD', K.ready(batch, lane), n, n) else enqueue(lane, owner, batch, n) end
    queued[lane] = true
  end
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
