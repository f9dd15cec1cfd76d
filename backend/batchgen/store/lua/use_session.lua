-- use_session: whose session it is, where it still counts; being used puts its idle end off
-- KEYS 1 session  ARGV 1 now or '' 2 idle ms 3 '1': it is used, else it is only looked at
-- returns nothing, or the account's id and fields
local held = redis.call('HMGET', KEYS[1], 'account', 'epoch', 'seen', 'ends')
if not held[1] then return false end
local now = now_ms(ARGV[1])
local account = redis.call('HMGET', K.account(held[1]), 'epoch', 'disabled', 'seen')
local over = now >= tonumber(held[4]) or now - held[3] >= tonumber(ARGV[2])
if over or account[1] ~= held[2] or account[2] == '1' then
  redis.call('DEL', KEYS[1])
  return false
end
if ARGV[3] == '1' and now - held[3] >= math.min(60000, ARGV[2] / 10) then -- not a write for every picture of a page
  redis.call('HSET', KEYS[1], 'seen', now)
  redis.call('PEXPIRE', KEYS[1], math.max(1, math.min(ARGV[2], held[4] - now)))
end
if ARGV[3] == '1' and now - first_of(account[3], 0) >= 60000 then redis.call('HSET', K.account(held[1]), 'seen', now) end
return {held[1], redis.call('HGETALL', K.account(held[1]))}
