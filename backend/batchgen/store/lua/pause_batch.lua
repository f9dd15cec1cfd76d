-- pause_batch: nothing of it starts any more; what runs goes on
-- KEYS 1 batch  ARGV 1 batch id
-- returns 1 done, 0 was paused already, -1 nothing is left to pause
local counts = redis.call('HMGET', KEYS[1], 'queued', 'waiting', 'running', 'paused', 'owner')
if not counts[5] then return -1 end
if counts[4] == '1' then return 0 end
if counts[1] + counts[2] + counts[3] == 0 then return -1 end
redis.call('HSET', KEYS[1], 'paused', '1')
redis.call('HINCRBY', KEYS[1], 'version', 1)
for _, lane in ipairs(lanes_of(ARGV[1])) do leave_turn(lane, counts[5], ARGV[1]) end
emit(counts[5], 'b', ARGV[1])
return 1
