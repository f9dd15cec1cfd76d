-- add_link: the link in its batch, and the key that finds both by the token's hash until it expires; expired ones go
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 link id 4 SHA-256 of the token 5 lifetime in ms 6 most links
-- 7 'approved' where it shows only that, or ''
-- returns {created, expires}, {-1} there are too many, {0} there is no batch
local owner, now = owner_of(ARGV[2]), now_ms(ARGV[1])
if not owner then return {0} end
local links, count = {}, 0
for id, link in pairs(cjson.decode(redis.call('HGET', KEYS[1], 'links') or '{}')) do
  if link[2] > now then links[id], count = link, count + 1 end
end
if count >= tonumber(ARGV[6]) then return {-1} end
local expires = now + ARGV[5]
links[ARGV[3]] = {now, expires, ARGV[4], ARGV[7] ~= '' and ARGV[7] or nil}
redis.call('HSET', KEYS[1], 'links', cjson.encode(links))
redis.call('SET', K.link(ARGV[4]), ARGV[2] .. ' ' .. ARGV[3], 'PXAT', string.format('%.0f', expires))
redis.call('HINCRBY', KEYS[1], 'version', 1)
emit(owner, 'b', ARGV[2])
return {now, expires}
