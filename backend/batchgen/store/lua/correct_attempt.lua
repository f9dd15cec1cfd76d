-- correct_attempt: what became of a call that counts as possibly paid: it was paid, or it was not
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 item id 3 number of the attempt 4 outcome or '' for the one that is noted
-- 5 charged yes|no 6 made json {amount?, price?, quantity, unit} 7 terms json
-- returns 1 done, 0 it is known by now, or there is no such item
local now, made, terms = now_ms(ARGV[1]), cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
local batch, n = split(ARGV[2])
local owner, is = owner_of(batch), attempt_of(KEYS[1], ARGV[3])
if not owner or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if is and (is.charged ~= 'unknown' or is.outcome == '') or not is and not made.amount then return 0 end
local call = {owner = owner, batch = batch, n = n, lane = lane_of(batch, n), month = month_of(batch, n),
  price = price_of(batch, n), attempt = tonumber(ARGV[3])}
if ARGV[5] == 'yes' then paid_after_all(terms, now, call, made, ARGV[4] ~= '' and ARGV[4] or nil)
elseif is then
  is.outcome = ARGV[4] ~= '' and ARGV[4] or is.outcome
  take_back(terms, now, call, is)
  is.charged, is.amount = 'no', ''
  write_attempt(KEYS[1], call.attempt, is)
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
show(owner, batch, n)
emit(owner, 'b', batch)
return 1
