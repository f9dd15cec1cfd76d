-- hide_batch: a batch that has ended is hidden from everybody at once; it is deleted later, unless it is brought back
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 ms until it is deleted
-- returns 1 done, 0 there is none, -1 it has not ended
local now, batch = now_ms(ARGV[1]), ARGV[2]
local held = redis.call('HMGET', KEYS[1], 'owner', 'hidden', 'queued', 'waiting', 'running')
if not held[1] or held[2] then return 0 end
if held[3] + held[4] + held[5] > 0 then return -1 end
redis.call('HSET', KEYS[1], 'hidden', now)
redis.call('ZADD', K.bin(), now + ARGV[3], batch)
for _, list in ipairs({K.batches(held[1]), K.everyone(), K.team()}) do redis.call('ZREM', list, batch) end
emit(held[1], 'x', batch)
return 1
