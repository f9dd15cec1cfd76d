-- add_token: its SHA-256 stands for it
-- KEYS 1 token 2 the account's tokens 3 account  ARGV 1 now or '' 2 account id 3 token id 4 sha 5 life ms or '' 6 fields json
-- returns 1 done, 0 the account is gone
if redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
local now, flat = now_ms(ARGV[1]), {}
for name, value in pairs(cjson.decode(ARGV[6])) do flat[#flat + 1], flat[#flat + 2] = name, value end
redis.call('HSET', KEYS[1], 'id', ARGV[3], 'account', ARGV[2], 'created', now, unpack(flat))
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[1], 'expires', now + ARGV[5])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return 1
