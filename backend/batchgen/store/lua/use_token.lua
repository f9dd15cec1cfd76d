-- use_token: whose token it is, where it still counts
-- KEYS 1 token  ARGV 1 now or '' 2 '1': it is used, else it is only looked at
-- returns nothing, or the account's id, its fields and the scopes
local held = redis.call('HMGET', KEYS[1], 'account', 'expires', 'used', 'scopes')
if not held[1] then return false end
local now = now_ms(ARGV[1])
local account = redis.call('HMGET', K.account(held[1]), 'role', 'disabled', 'seen')
if not account[1] or account[2] == '1' or (held[2] and now >= tonumber(held[2])) then return false end
if ARGV[2] == '1' and now - first_of(held[3], 0) >= 60000 then redis.call('HSET', KEYS[1], 'used', now) end
if ARGV[2] == '1' and now - first_of(account[3], 0) >= 60000 then redis.call('HSET', K.account(held[1]), 'seen', now) end
return {held[1], redis.call('HGETALL', K.account(held[1])), held[4]}
