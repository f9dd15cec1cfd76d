-- find_upload: the owner's upload of these bytes; it counts as new for retention, since somebody is about to use it
-- KEYS 1 the owner's uploads  ARGV 1 sha256
-- returns its id, or '' where there is none
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then return '' end
redis.call('HSET', K.upload(found), 'touched', now_ms(''))
return found
