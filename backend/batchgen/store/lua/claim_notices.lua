-- claim_notices: what is due in the outbox, hidden from others until the claim runs out; so what a killed worker had
-- claimed comes back by itself
-- KEYS 1 outbox  ARGV 1 now|'' 2 claim ms 3 at most
-- returns {member, tries so far with this one (0: a finish, not yet spread over its targets), ...}
local now, out = now_ms(ARGV[1]), {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local batch, n, target = member:match('^([^:]+):(%d+):?(.*)$')
  if redis.call('EXISTS', K.notice(batch, n)) == 0 then
    redis.call('ZREM', KEYS[1], member) -- its batch was deleted
  else
    redis.call('ZADD', KEYS[1], now + ARGV[2], member)
    local tries = target == '' and 0 or redis.call('HINCRBY', K.notice(batch, n), target .. '.tries', 1)
    out[#out + 1], out[#out + 2] = member, tries
  end
end
return out
