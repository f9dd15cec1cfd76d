-- renew_leases: one heartbeat for all items that a worker runs
-- ARGV 1 now|'' 2 lease ms 3.. item id, token, line, ...
-- returns the ids whose lease has moved on
local now, lost = now_ms(ARGV[1]), {}
for i = 3, #ARGV, 3 do
  local batch, n = split(ARGV[i])
  if redis.call('HGET', K.item(batch, n), 'token') == ARGV[i + 1] then
    redis.call('ZADD', K.leases(ARGV[i + 2]), now + ARGV[2], ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
