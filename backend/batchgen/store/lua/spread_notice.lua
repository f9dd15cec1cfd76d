-- spread_notice: one finish becomes one delivery per target, once
-- KEYS 1 outbox 2 notice  ARGV 1 now|'' 2 member 3 failures json 4.. target id, kind, shown, ...
-- returns 1 done, 0 another was first or the batch was deleted
local now = now_ms(ARGV[1])
if redis.call('ZREM', KEYS[1], ARGV[2]) == 0 or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
local ids = {}
redis.call('HSET', KEYS[2], 'failures', ARGV[3])
for i = 4, #ARGV, 3 do
  local id = ARGV[i]
  ids[#ids + 1] = id
  redis.call('HSET', KEYS[2], id .. '.kind', ARGV[i + 1], id .. '.shown', ARGV[i + 2], id .. '.state', 'waiting')
  redis.call('ZADD', KEYS[1], now, ARGV[2] .. ':' .. id)
end
redis.call('HSET', KEYS[2], 'targets', table.concat(ids, ' '))
return 1
