-- set_password: what the old one opened is shut: sessions, tokens, a reset that is under way
-- KEYS 1 account 2 its tokens 3 the reset that this uses, or ''  ARGV 1 hash
-- returns the new epoch, or 0: the account or the reset is gone
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if KEYS[3] ~= '' and redis.call('DEL', KEYS[3]) == 0 then return 0 end
for _, sha in ipairs(redis.call('HVALS', KEYS[2])) do redis.call('DEL', K.token(sha)) end
redis.call('DEL', KEYS[2])
local reset = redis.call('HGET', KEYS[1], 'reset')
if reset then redis.call('DEL', K.reset(reset)) end
redis.call('HDEL', KEYS[1], 'reset')
redis.call('HSET', KEYS[1], 'hash', ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'epoch', 1)
