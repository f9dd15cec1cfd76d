-- claim_probe: exactly one process probes when it is time; a call's word brings the next probe forward
-- KEYS 1 the last probe 2 states  ARGV 1 now|'' 2 ms between probes 3 ms after the last for a hurried one
-- 4 mark of what is configured, at a start, else ''. Where it is another, what was found does not hold any more.
-- returns 1 claimed, 0 not yet
local now = now_ms(ARGV[1])
local last = redis.call('HMGET', KEYS[1], 'at', 'config', 'hurry')
local since, other = now - (last[1] or 0), ARGV[4] ~= '' and last[2] ~= ARGV[4]
if other then redis.call('DEL', KEYS[2]) end
if not (other or since >= tonumber(ARGV[2]) or (last[3] and since >= tonumber(ARGV[3]))) then return 0 end
redis.call('HSET', KEYS[1], 'at', now)
redis.call('HDEL', KEYS[1], 'hurry')
if other then redis.call('HSET', KEYS[1], 'config', ARGV[4]) end
return 1
