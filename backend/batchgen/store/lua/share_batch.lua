-- share_batch: with the team, or no more; those who follow it are told
-- KEYS 1 batch  ARGV 1 batch id 2 '1' shared, '0' not
-- returns 1 done, 2 it was so, 0 there is none
local owner = shown_owner(ARGV[1])
if not owner then return 0 end
if (redis.call('HGET', KEYS[1], 'team') or '0') == ARGV[2] then return 2 end
redis.call('HSET', KEYS[1], 'team', ARGV[2])
if ARGV[2] == '1' then redis.call('ZADD', K.team(), redis.call('HGET', KEYS[1], 'created'), ARGV[1])
else redis.call('ZREM', K.team(), ARGV[1]) end
redis.call('HINCRBY', KEYS[1], 'version', 1)
emit(owner, 'b', ARGV[1])
return 1
