-- add_account: a new account under a name that nobody has, and the invitation it came by is used up
-- KEYS 1 account 2 usernames 3 accounts 4 admins 5 subjects 6 invitation or ''
-- ARGV 1 now or '' 2 id 3 folded username 4 subject or '' 5 '1': only where there is no admin yet 6 fields json
-- returns 1 done, 0 the name is taken, -1 the invitation is gone, -2 there is an admin
if ARGV[5] == '1' and redis.call('SCARD', KEYS[4]) > 0 then return -2 end
if KEYS[6] ~= '' and redis.call('EXISTS', KEYS[6]) == 0 then return -1 end
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then return 0 end
if ARGV[4] ~= '' and redis.call('HEXISTS', KEYS[5], ARGV[4]) == 1 then return 0 end
local now, flat = now_ms(ARGV[1]), {}
local fields = cjson.decode(ARGV[6])
for name, value in pairs(fields) do flat[#flat + 1], flat[#flat + 2] = name, value end
redis.call('HSET', KEYS[1], 'created', now, 'epoch', 0, unpack(flat))
redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[3], now, ARGV[2])
if fields.role == 'admin' then redis.call('SADD', KEYS[4], ARGV[2]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[5], ARGV[4], ARGV[2]) end
if KEYS[6] ~= '' then redis.call('DEL', KEYS[6]) end
return 1
