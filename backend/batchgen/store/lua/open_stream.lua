-- open_stream: one more open stream of a user, or a sign of life of one
-- KEYS 1 the user's streams 2 everybody's  ARGV 1 now (ms) or '' 2 stream id 3 most per user 4 life (ms)
-- returns 1 counted, 0 the user has as many as may be
local now = now_ms(ARGV[1])
for i = 1, 2 do redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now) end
local known = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not known and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
for i = 1, 2 do redis.call('ZADD', KEYS[i], now + ARGV[4], ARGV[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
