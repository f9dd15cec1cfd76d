-- expire_results: the pictures of a batch that ended long ago are given up; whoever asks is told so from now on, before
-- any file goes. An item that ends later than this has a picture again.
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 the latest end (ms) that is old enough
-- returns 1 done, 0 there is none, it has not ended, is younger, or was given up before
local held = redis.call('HMGET', KEYS[1], 'owner', 'queued', 'waiting', 'running', 'finished', 'expired')
if not held[1] or held[2] + held[3] + held[4] > 0 then return 0 end
local ended = tonumber(held[5] or 0)
if ended > tonumber(ARGV[3]) or tonumber(held[6] or 0) >= ended then return 0 end
redis.call('HSET', KEYS[1], 'expired', now_ms(ARGV[1]))
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('SADD', K.expiring(), ARGV[2])
emit(held[1], 'b', ARGV[2])
return 1
