-- change_account: name, address, role, disabled; the last admin stays one
-- KEYS 1 account 2 admins  ARGV 1 id 2 fields json
-- returns 1 done, 0 there is none, -1 it is the last admin
local held = redis.call('HMGET', KEYS[1], 'role', 'disabled')
if not held[1] then return 0 end
local fields = cjson.decode(ARGV[2])
local role, disabled = first_of(fields.role, held[1]), first_of(fields.disabled, held[2], '0')
local admin = role == 'admin' and disabled ~= '1'
local was = redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1
if was and not admin and redis.call('SCARD', KEYS[2]) == 1 then return -1 end
for name, value in pairs(fields) do redis.call('HSET', KEYS[1], name, value) end
redis.call(admin and 'SADD' or 'SREM', KEYS[2], ARGV[1])
if disabled == '1' then redis.call('HINCRBY', KEYS[1], 'epoch', 1) end -- being enabled again brings no session back
return 1
