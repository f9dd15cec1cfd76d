-- remove_link: the link and the key that finds it; whoever holds its token sees nothing more
-- KEYS 1 batch  ARGV 1 batch id 2 link id
-- returns 1 done, 0 there is none
local owner, links = owner_of(ARGV[1]), cjson.decode(redis.call('HGET', KEYS[1], 'links') or '{}')
local link = links[ARGV[2]]
if not owner or not link then return 0 end
redis.call('DEL', K.link(link[3]))
links[ARGV[2]] = nil
if next(links) then redis.call('HSET', KEYS[1], 'links', cjson.encode(links))
else redis.call('HDEL', KEYS[1], 'links') end
redis.call('HINCRBY', KEYS[1], 'version', 1)
emit(owner, 'b', ARGV[1])
return 1
