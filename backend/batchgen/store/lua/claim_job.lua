-- claim_job: the job that is due longest, for one worker alone as long as it renews its claim
-- KEYS 1 jobs  ARGV 1 now|'' 2 ms that the claim holds 3 claim
-- returns {job id, now, name, value, ...} of its record, or nothing
local now = now_ms(ARGV[1])
local job = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
if not job then return {} end
if redis.call('EXISTS', K.job(job)) == 0 then
  redis.call('ZREM', KEYS[1], job)
  return {}
end
redis.call('ZADD', KEYS[1], now + ARGV[2], job)
redis.call('HSET', K.job(job), 'claim', ARGV[3])
return {job, string.format('%.0f', now), unpack(redis.call('HGETALL', K.job(job)))}
