-- move_items: queued items of a batch go on with another provider, for their own stands still
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 lane that they stand in 4 fields json {provider, model, price, tried, moved}
-- 5 indexes json 6 terms json
-- returns how many went; one that the budget does not reach for stays
local now, batch, lane, fields, done = now_ms(ARGV[1]), ARGV[2], ARGV[3], cjson.decode(ARGV[4]), 0
local owner = owner_of(batch)
if not owner then return 0 end
local terms = cjson.decode(ARGV[6])
for _, n in ipairs(cjson.decode(ARGV[5])) do
  local item, before, month = K.item(batch, n), price_of(batch, n), month_of(batch, n)
  local dearer = (tonumber(fields.price) or before) - before
  if not over(terms, owner, batch, month, dearer) and redis.call('ZREM', K.ready(batch, lane), n) == 1 then
    local state = redis.call('HGET', item, 'state')
    for name, value in pairs(fields) do redis.call('HSET', item, name, value) end
    count(owner, batch, month, 'held', dearer)
    move(owner, batch, n, state, state, now)
    enqueue(lane_of(batch, n), owner, batch, n)
    done = done + 1
  end
end
if redis.call('EXISTS', K.ready(batch, lane)) == 0 then leave_turn(lane, owner, batch) end
if done > 0 then emit(owner, 'b', batch) end
return done
