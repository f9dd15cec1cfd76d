-- forget_upload: only where no batch uses it
-- KEYS 1 the owner's uploads  ARGV 1 upload id 2 sha256 3 nobody used it since (ms), or ''
-- returns 2 gone and nobody else has these bytes, 1 gone, 0 in use
local upload = redis.call('HMGET', K.upload(ARGV[1]), 'uses', 'owner', 'bytes', 'touched', 'created')
if not upload[2] then return 1 end -- gone already: its share of the bytes is given back once
if tonumber(upload[1] or 0) > 0 then return 0 end
if ARGV[3] ~= '' and tonumber(upload[4] or upload[5] or 0) >= tonumber(ARGV[3]) then return 0 end
if redis.call('HINCRBY', K.used(), upload[2], -upload[3]) <= 0 then
  redis.call('HDEL', K.used(), upload[2])
end
redis.call('DEL', K.upload(ARGV[1]), K.shows(ARGV[1]))
redis.call('HDEL', KEYS[1], ARGV[2])
if redis.call('DECR', K.blob(ARGV[2])) > 0 then return 1 end
redis.call('DEL', K.blob(ARGV[2]))
return 2
