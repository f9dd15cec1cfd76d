-- remember_upload: one record per owner and bytes
-- KEYS 1 the owner's uploads  ARGV 1 upload id 2 sha256 3 fields json
-- returns the id that stands for these bytes now
local seen = redis.call('HGET', KEYS[1], ARGV[2])
if seen then return seen end
local flat = {'created', now_ms(''), 'uses', 0}
for name, value in pairs(cjson.decode(ARGV[3])) do flat[#flat + 1], flat[#flat + 2] = name, value end
redis.call('HSET', K.upload(ARGV[1]), unpack(flat))
redis.call('HSET', KEYS[1], ARGV[2], ARGV[1])
redis.call('INCR', K.blob(ARGV[2]))
return ARGV[1]
