-- resume_batch: back into its turns
-- KEYS 1 batch  ARGV 1 batch id
-- returns 1 done, 0 was not paused
local held = redis.call('HMGET', KEYS[1], 'paused', 'owner')
if held[1] ~= '1' then return 0 end
redis.call('HSET', KEYS[1], 'paused', '0')
redis.call('HINCRBY', KEYS[1], 'version', 1)
for _, lane in ipairs(lanes_of(ARGV[1])) do take_turn(lane, held[2], ARGV[1]) end
emit(held[2], 'b', ARGV[1])
return 1
