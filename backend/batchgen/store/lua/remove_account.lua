-- remove_account: with all that proves to be it; the last admin stays
-- KEYS 1 account 2 usernames 3 accounts 4 admins 5 subjects 6 its tokens  ARGV 1 id 2 folded username
-- returns 1 done, 0 there is none, -1 it is the last admin
local held = redis.call('HMGET', KEYS[1], 'role', 'subject', 'reset')
if not held[1] then return 0 end
if redis.call('SISMEMBER', KEYS[4], ARGV[1]) == 1 and redis.call('SCARD', KEYS[4]) == 1 then return -1 end
for _, sha in ipairs(redis.call('HVALS', KEYS[6])) do redis.call('DEL', K.token(sha)) end
if held[2] and held[2] ~= '' then redis.call('HDEL', KEYS[5], held[2]) end
if held[3] then redis.call('DEL', K.reset(held[3])) end
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SREM', KEYS[4], ARGV[1])
redis.call('DEL', KEYS[1], KEYS[6])
return 1
