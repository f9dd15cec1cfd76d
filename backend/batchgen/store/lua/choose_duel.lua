-- choose_duel: one contestant goes on with the rest; of the others nothing is sent from here on. One step.
-- KEYS 1 duel  ARGV 1 now|'' 2 batch id of the winner 3 terms json
-- returns {'over', ...} as approve_pilot, or 1 done, 0 it was chosen before, -1 another was, -2 its sample is not ready to be judged, -3 no contestant
local chosen, batches = unpack(redis.call('HMGET', KEYS[1], 'chosen', 'batches'))
if chosen then return chosen == ARGV[2] and 0 or -1 end
local winner, others = nil, {}
for batch in (batches or ''):gmatch('%S+') do
  if batch == ARGV[2] then winner = batch else others[#others + 1] = batch end
end
local function is_open(batch) return (redis.call('GET', K.states(batch)) or ''):find('[qwr]') end
if not winner or not shown_owner(winner) then return -3 end
local alone = redis.call('HGET', K.batch(winner), 'back') == '0' -- the sample is all that there is
if not in_review(winner) and not (alone and not is_open(winner)) then return -2 end
for _, batch in ipairs(others) do -- one that was approved by itself goes on: then it is no duel any more
  if is_open(batch) and redis.call('HGET', K.batch(batch), 'pilot') == 'approved'
    and tonumber(redis.call('HGET', K.batch(batch), 'total')) > #sample_of(batch) then return -1 end
end
local owner = owner_of(winner)
local refused = not alone and approve(cjson.decode(ARGV[3]), now_ms(ARGV[1]), owner, winner)
if refused then return refused end
redis.call('HSET', KEYS[1], 'chosen', winner)
for _, batch in ipairs(others) do
  if is_open(batch) and redis.call('HGET', K.batch(batch), 'stopped') == '0' then
    stop_batch(owner, batch, redis.call('GET', K.states(batch)))
    emit(owner, 'b', batch)
  end
end
if alone then emit(owner, 'b', winner) end
return 1
