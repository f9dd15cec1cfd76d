-- clear_results: the files of pictures that were given up are gone
-- KEYS 1 batch  ARGV 1 batch id 2 bytes of the pictures that are left
redis.call('SREM', K.expiring(), ARGV[1])
local held = redis.call('HMGET', KEYS[1], 'owner', 'bytes')
if not held[1] then return 0 end -- it was deleted meanwhile
redis.call('HSET', KEYS[1], 'bytes', ARGV[2])
redis.call('HINCRBY', K.made(), held[1], ARGV[2] - (held[2] or 0))
return 1
