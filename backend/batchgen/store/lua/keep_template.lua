-- keep_template: a new one, or a change of one that is there
-- KEYS 1 template 2 its owner's templates 3 the team's
-- ARGV 1 now or '' 2 id 3 how many its owner may have, or '' for a change 4 fields json, `shared` among them as '1' or ''
-- returns 1 done, 0 it is gone, -1 its owner has too many
local now, flat = now_ms(ARGV[1]), {}
local fields = cjson.decode(ARGV[4])
if ARGV[3] == '' then
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
else
  if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then return -1 end
  redis.call('HSET', KEYS[1], 'created', now)
  redis.call('ZADD', KEYS[2], now, ARGV[2])
end
for name, value in pairs(fields) do flat[#flat + 1], flat[#flat + 2] = name, value end
redis.call('HSET', KEYS[1], 'updated', now, unpack(flat))
if fields.shared == '1' then redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'created'), ARGV[2]) end
if fields.shared == '' then redis.call('ZREM', KEYS[3], ARGV[2]) end
return 1
