-- rename_batch: only where it still is: a name must not bring a deleted batch back
-- KEYS 1 batch  ARGV 1 batch id 2 name 3 its name and prompt in small letters, where Lua does not know them, or ''
-- returns 1 done, 0 there is none
local owner = owner_of(ARGV[1])
if not owner then return 0 end
redis.call('HSET', KEYS[1], 'name', ARGV[2])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], 'folded') else redis.call('HSET', KEYS[1], 'folded', ARGV[3]) end
redis.call('HINCRBY', KEYS[1], 'version', 1)
emit(owner, 'b', ARGV[1])
return 1
