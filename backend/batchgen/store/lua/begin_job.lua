-- begin_job: items that queue in the economy lane go into one job of the provider's batch API: running, held by the job
-- KEYS 1 batch 2 jobs  ARGV 1 now|'' 2 batch id 3 lane 4 key 5 at most 6 ms in which few wait for more to go with
-- 7.. states from which an item may start
-- returns the job's id, '' where there is none to begin
local now, batch, lane, most = now_ms(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[1], 'owner', 'paused', 'stopped', 'packed')
if not held[1] or held[2] == '1' or held[3] == '1' then return '' end
local found = redis.call('ZRANGE', K.ready(batch, lane), 0, most - 1)
if #found == 0 or (#found < most and now < num(held[4]) + ARGV[6]) then return '' end
local job, owner = batch .. '.' .. redis.call('HINCRBY', KEYS[1], 'jobs', 1), held[1]
redis.call('HSET', KEYS[1], 'packed', now)
redis.call('HSET', K.job(job), 'batch', batch, 'lane', lane, 'key', ARGV[4], 'state', 'preparing', 'created', now,
  'items', table.concat(found, ' '))
redis.call('ZADD', KEYS[2], now, job)
for _, n in ipairs(found) do
  local item = K.item(batch, n)
  local state = redis.call('HGET', item, 'state')
  if has(ARGV, state, 7) then
    redis.call('ZREM', K.ready(batch, lane), n)
    redis.call('HSET', item, 'token', job, 'key', ARGV[4])
    redis.call('HSETNX', item, 'started', now)
    redis.call('HDEL', item, 'retry_at', 'sent', 'finished', 'error', 'detail')
    move(owner, batch, n, state, 'running', now)
  end
end
if redis.call('EXISTS', K.ready(batch, lane)) == 0 then leave_turn(lane, owner, batch) end
emit(owner, 'b', batch)
return job
