-- approve_pilot: a person likes the sample: the rest joins the queue and is held for, in one step
-- KEYS 1 batch  ARGV 1 batch id 2 the round that was looked at, or ''
-- returns 1 done, 0 it was approved before, -1 nothing is to be approved now, -2 another round
local owner = owner_of(ARGV[1])
if not owner then return -1 end
if redis.call('HGET', KEYS[1], 'pilot') == 'approved' then return 0 end
if not is_round(ARGV[1], ARGV[2]) then return -2 end
if not in_review(ARGV[1]) then return -1 end
return approve(owner, ARGV[1]) or 1
