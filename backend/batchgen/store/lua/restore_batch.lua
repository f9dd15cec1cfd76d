-- restore_batch: a hidden batch is where it was
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id
-- returns 1 done, 0 it is not hidden, or its time is over: then its files may be going
local held = redis.call('HMGET', KEYS[1], 'owner', 'hidden', 'created', 'team')
if not held[1] or not held[2] then return 0 end
if tonumber(redis.call('ZSCORE', K.bin(), ARGV[2]) or 0) <= now_ms(ARGV[1]) then return 0 end
redis.call('HDEL', KEYS[1], 'hidden')
redis.call('ZREM', K.bin(), ARGV[2])
redis.call('ZADD', K.batches(held[1]), held[3], ARGV[2])
redis.call('ZADD', K.everyone(), held[3], ARGV[2])
if held[4] == '1' then redis.call('ZADD', K.team(), held[3], ARGV[2]) end
redis.call('HINCRBY', KEYS[1], 'version', 1)
emit(held[1], 'b', ARGV[2])
return 1
