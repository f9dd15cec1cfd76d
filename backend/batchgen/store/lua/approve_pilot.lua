-- approve_pilot: a person likes the sample: the rest joins the queue and is held for, in one step
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 the round that was looked at, or '' 4 terms json
-- returns 1 done, 0 it was approved before, -1 nothing is to be approved now, -2 another round, or
-- {'over', whose, cap, used, held, asked}: the budget is short, nothing was changed
local now, batch = now_ms(ARGV[1]), ARGV[2]
local owner = owner_of(batch)
if not owner then return -1 end
if redis.call('HGET', KEYS[1], 'pilot') == 'approved' then return 0 end
if not is_round(batch, ARGV[3]) then return -2 end
if not in_review(batch) then return -1 end
return approve(cjson.decode(ARGV[4]), now, owner, batch) or 1
