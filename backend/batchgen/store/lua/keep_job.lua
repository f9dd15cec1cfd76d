-- keep_job: what its holder learnt of a job, and when somebody is to look again
-- KEYS 1 jobs 2 job  ARGV 1 now|'' 2 job id 3 claim 4 hold|wait|end 5 ms until it is due 6 fields json
-- returns 1 done, 0 the claim moved on
local now, how = now_ms(ARGV[1]), ARGV[4]
local held = redis.call('HMGET', KEYS[2], 'claim', 'batch', 'state', 'hurry')
if not held[2] or held[1] ~= ARGV[3] then return 0 end
local fields, due = cjson.decode(ARGV[6]), now + ARGV[5]
for name, value in pairs(fields) do redis.call('HSET', KEYS[2], name, value) end
if how ~= 'hold' then redis.call('HDEL', KEYS[2], 'claim', 'hurry') end
if how == 'wait' and held[4] then due = now end -- somebody asked for it meanwhile
if how == 'end' then
  redis.call('HSET', KEYS[2], 'ended', now)
  redis.call('ZREM', KEYS[1], ARGV[2])
else
  redis.call('ZADD', KEYS[1], due, ARGV[2])
end
local owner = owner_of(held[2])
if owner and (how == 'end' or (fields.state and fields.state ~= held[3])) then
  redis.call('HINCRBY', K.batch(held[2]), 'version', 1)
  emit(owner, 'b', held[2])
end
return 1
