-- What create_batch and create_duel share: a batch, its items, the hold, their places in the queue and the event.
local function seen_before(store, place, hash) -- {id, 0 the same | -1 another body}; nil: not seen
  local id, was = ((place ~= '' and redis.call('GET', place)) or ''):match('^(%S+) (%S+)$')
  if id and redis.call('EXISTS', store(id)) == 1 and not redis.call('HGET', store(id), 'hidden') then return {id, was == hash and 0 or -1} end
end

local function missing_upload(owner, used) -- {id, -2}: one is gone
  for id in pairs(used) do
    if redis.call('HGET', K.upload(id), 'owner') ~= owner then return {id, -2} end
  end
end

local function take_uploads(used)
  for id, times in pairs(used) do redis.call('HINCRBY', K.upload(id), 'uses', times) end
end

local function first_items(given, total) -- those that may run now: the sample, else all
  local first = {}
  for n in (given.sample or ''):gmatch('%d+') do first[#first + 1] = tonumber(n) end
  if #first == 0 then for n = 0, total - 1 do first[#first + 1] = n end end
  return first
end

local function held_at_first(given, total) return #first_items(given, total) * given.price end

local function store_batch(now, owner, batch, given, items, month)
  local whole, first = K.batch(batch), first_items(given, #items)
  local fields = {'owner', owner, 'month', month, 'created', now, 'total', #items, 'queued', #items, 'waiting', 0, 'running', 0,
    'succeeded', 0, 'failed', 0, 'cancelled', 0, 'version', 1, 'paused', '0', 'stopped', '0', 'held', 0, 'settled', 0,
    'unclear', 0}
  for name, value in pairs(given) do
    fields[#fields + 1], fields[#fields + 2] = name, value
  end
  redis.call('HSET', whole, unpack(fields))
  count(owner, batch, month, 'held', #first * given.price)
  redis.call('HSET', K.payers(), owner, given.owner_name)
  redis.call('SET', K.states(batch), string.rep(LETTER.queued, #items))
  local lane, runs = lane_of(batch, 0), {}
  for _, n in ipairs(first) do runs[n] = true end
  for i, item in ipairs(items) do
    local flat = {'state', 'queued', 'version', 1}
    for name, value in pairs(item) do flat[#flat + 1], flat[#flat + 2] = name, value end
    redis.call('HSET', K.item(batch, i - 1), unpack(flat))
    redis.call('ZADD', runs[i - 1] and K.ready(batch, lane) or K.back(batch), i - 1, i - 1)
  end
  if given.sample then redis.call('HSET', whole, 'back', #items - #first) end
  enqueue(lane, owner, batch, first[1])
  note_open(owner, batch, #items, now)
  redis.call('ZADD', K.batches(owner), now, batch)
  redis.call('ZADD', K.everyone(), now, batch)
  emit(owner, 'b', batch)
end
