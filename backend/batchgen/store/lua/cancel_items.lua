-- cancel_items: with the first call nothing of the batch is sent any more; each call ends some of what stands
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 at most 4 index of the one item to cancel, or '' for all
-- returns how many are left to end
local now, batch, one = now_ms(ARGV[1]), ARGV[2], ARGV[4]
local owner = owner_of(batch)
if not owner then return -1 end
local letters, ended, left = redis.call('GET', K.states(batch)), 0, 0
if one == '' and redis.call('HGET', KEYS[1], 'stopped') ~= '1' then
  if not letters:find('[qwr]') then return -1 end
  stop_batch(owner, batch, letters)
end
local function stop(n)
  local item, lane = K.item(batch, n), lane_of(batch, n)
  redis.call('ZREM', K.ready(batch, lane), n)
  redis.call('ZREM', K.waiting(), batch .. '-' .. n)
  redis.call('HDEL', item, 'retry_at')
  redis.call('HSET', item, 'finished', now)
  if not let_go(batch, n) then count(owner, batch, month_of(batch, n), 'held', 0 - price_of(batch, n)) end
  if redis.call('EXISTS', K.ready(batch, lane)) == 0 then leave_turn(lane, owner, batch) end
  move(owner, batch, n, redis.call('HGET', item, 'state'), 'cancelled', now)
end
if one ~= '' then
  local letter = letters:sub(one + 1, one + 1)
  if letter == 'r' then redis.call('HSET', K.item(batch, one), 'stop', '1') return 0 end
  if letter ~= 'q' and letter ~= 'w' then return -1 end
  stop(one)
  return 0
end
local at = letters:find('[qw]')
while at do
  if ended < tonumber(ARGV[3]) then stop(at - 1) ended = ended + 1 else left = left + 1 end
  at = letters:find('[qw]', at + 1)
end
if left == 0 then
  redis.call('SREM', K.stopping(), batch)
  emit(owner, 'b', batch)
end
return left
