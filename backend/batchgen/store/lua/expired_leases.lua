-- expired_leases: items whose worker went silent. After a time without any sweep (Redis or all workers were
-- away) every lease is first given once more: a live worker must not lose its items to a pause of ours.
-- KEYS 1 lines 2 time of the last sweep  ARGV 1 now|'' 2 lease ms 3 longest pause ms 4 at most
-- returns {item id, token, sent|'' , ...}
local now, out = now_ms(ARGV[1]), {}
local before = tonumber(redis.call('GET', KEYS[2]) or 0)
redis.call('SET', KEYS[2], now)
local paused = now - before > tonumber(ARGV[3]) or now < before
for _, line in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.leases(line), '-inf', now, 'LIMIT', 0, paused and -1 or ARGV[4])) do
    if paused then
      redis.call('ZADD', K.leases(line), now + ARGV[2], id)
    else
      local batch, n = split(id)
      local held = redis.call('HMGET', K.item(batch, n), 'token', 'sent')
      if held[1] then
        out[#out + 1], out[#out + 2], out[#out + 3] = id, held[1], held[2] or ''
      else
        redis.call('ZREM', K.leases(line), id)
      end
    end
  end
end
return out
