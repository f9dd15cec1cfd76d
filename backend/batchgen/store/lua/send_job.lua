-- send_job: its name is written down before the request leaves; after this the job may be at the provider
-- KEYS 1 job 2 batch  ARGV 1 now|'' 2 job id 3 batch id 4 claim
-- returns how many items go with it, 0 the claim moved on, -1 its batch is cancelled, -2 one of its items is
local now, batch, going = now_ms(ARGV[1]), ARGV[3], {}
local held = redis.call('HMGET', KEYS[1], 'claim', 'lane', 'items')
if held[1] ~= ARGV[4] then return 0 end
if redis.call('HGET', KEYS[2], 'stopped') ~= '0' then return -1 end
for n in held[3]:gmatch('%d+') do
  local item = redis.call('HMGET', K.item(batch, n), 'token', 'stop')
  if item[1] == ARGV[2] then
    if item[2] then return -2 end
    going[#going + 1] = n
  end
end
for _, n in ipairs(going) do
  local item = K.item(batch, n)
  if redis.call('HEXISTS', item, 'sent') == 0 then -- asked again after a plain refusal, it is the same attempt
    redis.call('HINCRBY', item, 'attempts', 1)
    redis.call('HINCRBY', item, 'tries', 1)
  end
  redis.call('HSET', item, 'sent', now, 'a' .. redis.call('HGET', item, 'attempts'), held[2] .. '|' .. now .. '|||unknown')
end
redis.call('HSET', KEYS[1], 'state', 'sent', 'sent', now, 'looks', 0)
redis.call('HINCRBY', KEYS[1], 'creates', 1)
return #going
