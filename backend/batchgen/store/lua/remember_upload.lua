-- remember_upload: one record per owner and bytes, within what the owner may keep
-- KEYS 1 the owner's uploads  ARGV 1 upload id 2 sha256 3 fields json 4 owner 5 most uploads 6 most bytes; 0: no limit
-- returns the id that stands for these bytes now; '' where the owner has no room for them
local seen = redis.call('HGET', KEYS[1], ARGV[2])
if seen then
  redis.call('HSET', K.upload(seen), 'touched', now_ms(''))
  return seen
end
local fields, most, room = cjson.decode(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6])
if most > 0 and redis.call('HLEN', KEYS[1]) >= most then return '' end
local used = tonumber(redis.call('HGET', K.used(), ARGV[4]) or 0) + fields.bytes
if room > 0 and used > room then return '' end
redis.call('HINCRBY', K.used(), ARGV[4], fields.bytes)
local flat = {'created', now_ms(''), 'uses', 0}
for name, value in pairs(fields) do flat[#flat + 1], flat[#flat + 2] = name, value end
redis.call('HSET', K.upload(ARGV[1]), unpack(flat))
redis.call('HSET', KEYS[1], ARGV[2], ARGV[1])
redis.call('INCR', K.blob(ARGV[2]))
return ARGV[1]
