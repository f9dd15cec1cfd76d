-- create_batch: the batch, its items, the hold, their places in the queue and the event, or nothing
-- KEYS 1 idempotency key or ''  ARGV 1 now|'' 2 batch id 3 owner 4 hash of the body 5 batch fields json 6 items json
-- 7 uploads used json {id: times} 8 terms json
-- returns {batch id, 1 new | 0 seen before | -1 key used for another body | -2 an upload is gone, its id}, or
-- {'over', whose, cap, used, held, asked}: nothing was stored
local now, batch, owner = now_ms(ARGV[1]), ARGV[2], ARGV[3]
if KEYS[1] ~= '' then
  local seen = redis.call('GET', KEYS[1])
  if seen then
    local id, hash = seen:match('^(%S+) (%S+)$')
    if redis.call('EXISTS', K.batch(id)) == 1 then return {id, hash == ARGV[4] and 0 or -1} end
  end
end
local used = cjson.decode(ARGV[7])
for id in pairs(used) do
  if redis.call('HGET', K.upload(id), 'owner') ~= owner then return {id, -2} end
end
local items, whole, terms, given = cjson.decode(ARGV[6]), K.batch(batch), cjson.decode(ARGV[8]), cjson.decode(ARGV[5])
local month, asked = month_at(terms, now), #items * given.price
local refused = over(terms, owner, batch, month, asked)
if refused then return refused end
for id, times in pairs(used) do redis.call('HINCRBY', K.upload(id), 'uses', times) end
if KEYS[1] ~= '' then redis.call('SET', KEYS[1], batch .. ' ' .. ARGV[4], 'PX', 86400000) end

local fields = {'owner', owner, 'month', month, 'created', now, 'total', #items, 'queued', #items, 'waiting', 0, 'running', 0,
  'succeeded', 0, 'failed', 0, 'cancelled', 0, 'version', 1, 'paused', '0', 'stopped', '0', 'held', 0, 'settled', 0, 'unclear', 0}
for name, value in pairs(given) do
  fields[#fields + 1], fields[#fields + 2] = name, value
end
redis.call('HSET', whole, unpack(fields))
count(owner, batch, month, 'held', asked)
redis.call('HSET', K.payers(), owner, given.owner_name)
redis.call('SET', K.states(batch), string.rep(LETTER.queued, #items))
local lane = lane_of(batch, 0)
for i, item in ipairs(items) do
  local flat = {'state', 'queued', 'version', 1}
  for name, value in pairs(item) do flat[#flat + 1], flat[#flat + 2] = name, value end
  redis.call('HSET', K.item(batch, i - 1), unpack(flat))
  redis.call('ZADD', K.ready(batch, lane), i - 1, i - 1)
end
enqueue(lane, owner, batch, 0)
redis.call('ZADD', K.batches(owner), now, batch)
redis.call('ZADD', K.everyone(), now, batch)
emit(owner, 'b', batch)
return {batch, 1}
