-- correct_attempt: the picture of a call that was given up came after all, when another had made the item's
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 item id 3 made json {amount, price, quantity, unit, attempt} 4 terms json
-- returns 1 done, 0 there is no such item
local now, made = now_ms(ARGV[1]), cjson.decode(ARGV[3])
local batch, n = split(ARGV[2])
local owner = owner_of(batch)
if not owner or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
paid_after_all(cjson.decode(ARGV[4]), now, {owner = owner, batch = batch, n = n, lane = lane_of(batch, n),
  month = month_of(batch, n), price = price_of(batch, n), attempt = made.attempt}, made)
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
emit(owner, 'b', batch)
return 1
