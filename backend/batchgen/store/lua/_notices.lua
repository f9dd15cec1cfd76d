-- The outbox: a finish that somebody wants to hear of goes into it in the same step as the last item's end, with what
-- was true then. Nothing that ran, no news: a batch that was cancelled before it began is silent.
local function post(owner, batch, now)
  local whole = K.batch(batch)
  if redis.call('HDEL', whole, 'news') == 0 then return end
  local wanted = redis.call('HGET', whole, 'notify') or 'none'
  if wanted == 'none' then return end
  if wanted == 'default' and redis.call('HGET', K.notices(owner), 'default') ~= '1' then return end
  local n = redis.call('HINCRBY', whole, 'finishes', 1)
  local names = {'name', 'provider', 'model', 'total', 'succeeded', 'failed', 'cancelled', 'settled', 'unclear',
    'stopped', 'created', 'finished'}
  local values, facts = redis.call('HMGET', whole, unpack(names)), {}
  for i, name in ipairs(names) do facts[name] = values[i] end
  redis.call('HSET', K.notice(batch, n), 'facts', cjson.encode(facts))
  redis.call('ZADD', K.outbox(), now, batch .. ':' .. n)
end
