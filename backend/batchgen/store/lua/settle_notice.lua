-- settle_notice: what came of one try. A late loser never takes back what another has delivered.
-- KEYS 1 outbox 2 notice  ARGV 1 now|'' 2 member 3 target id 4 waiting|sent|failed 5 error json or '' 6 delay ms
-- returns 1 done, 0 it was over already
local now, field = now_ms(ARGV[1]), ARGV[3] .. '.state'
if redis.call('HGET', KEYS[2], field) ~= 'waiting' then
  redis.call('ZREM', KEYS[1], ARGV[2])
  return 0
end
redis.call('HSET', KEYS[2], field, ARGV[4], ARGV[3] .. '.error', ARGV[5], ARGV[3] .. '.at', now)
if ARGV[4] == 'waiting' then
  redis.call('ZADD', KEYS[1], now + ARGV[6], ARGV[2])
else
  redis.call('ZREM', KEYS[1], ARGV[2])
end
return 1
