-- restore_item: a picture that was laid by is the item's again; the one that it has now is laid by in its place
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 index 4 its place, as `earlier` has it 5.. states from which that may be
-- returns 1 done, 0 no such picture, -1 wrong state
local now, batch, n = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local item, owner, ended = K.item(batch, n), shown_owner(batch), redis.call('HGET', KEYS[1], 'finished')
local held = redis.call('HMGET', item, 'state', 'flags')
if not owner or not has(ARGV, held[1], 5) then return -1 end
local there = false
local expired = tonumber(redis.call('HGET', KEYS[1], 'expired') or -1)
for _, one in ipairs(earlier_of(item)) do
  there = there or (one.place == ARGV[4] and tonumber(one.finished or 0) > expired)
end
if not there then return 0 end
if held[1] == 'succeeded' or (held[2] or '') ~= '' then lay_by(batch, n) end
bring_back(batch, n, ARGV[4])
move(owner, batch, n, held[1], 'succeeded', now)
if ended then redis.call('HSET', KEYS[1], 'finished', ended) end -- it took no longer by being looked at
emit(owner, 'b', batch)
return 1
