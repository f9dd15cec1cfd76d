-- correct_attempt: what became of a request of a job that counted as possibly paid: it was paid, or it was not
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 item id 3 number of the attempt 4 outcome or '' for the one that is noted
-- 5 charged yes|no
-- returns 1 done, 0 it is known by now
local now, name = now_ms(ARGV[1]), 'a' .. ARGV[3]
local lane, sent, was = (redis.call('HGET', KEYS[1], name) or ''):match('^(.*)|(%d+)|%d+|([^|]*)|unknown$')
local batch, n = split(ARGV[2])
local owner = owner_of(batch)
if not lane or not owner then return 0 end
local price = tonumber(redis.call('HGET', KEYS[2], 'price')) -- the lane's: an item that left it has its own
redis.call('HSET', KEYS[1], name, table.concat({lane, sent, now, ARGV[4] ~= '' and ARGV[4] or was, ARGV[5]}, '|'))
redis.call('HINCRBY', KEYS[1], 'unclear', -1)
redis.call('HINCRBY', KEYS[2], 'unclear', 0 - price)
if ARGV[5] == 'yes' then
  redis.call('HINCRBY', KEYS[1], 'cost', price)
  redis.call('HINCRBY', KEYS[2], 'settled', price)
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
show(owner, batch, n)
emit(owner, 'b', batch)
return 1
