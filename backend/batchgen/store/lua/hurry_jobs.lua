-- hurry_jobs: somebody steers a batch: its jobs are due at once, or as soon as their holder lets go
-- KEYS 1 batch 2 jobs  ARGV 1 now|'' 2 batch id
-- returns how many
local now, done = now_ms(ARGV[1]), 0
for k = 1, tonumber(redis.call('HGET', KEYS[1], 'jobs') or 0) do
  local job = ARGV[2] .. '.' .. k
  local due = tonumber(redis.call('ZSCORE', KEYS[2], job) or 0)
  if due > 0 then
    local held = redis.call('HEXISTS', K.job(job), 'claim') == 1
    if held then redis.call('HSET', K.job(job), 'hurry', '1') else redis.call('ZADD', KEYS[2], math.min(due, now), job) end
    done = done + 1
  end
end
return done
