-- create_duel: the same sample by several contestants: all their batches, or none
-- KEYS 1 idempotency key or ''  ARGV 1 now|'' 2 duel id 3 owner 4 hash of the body
-- 5 contestants json [[batch id, batch fields, items], ...] 6 uploads used json {id: times}, of all together
-- returns {duel id, 1 new | 0 seen before | -1 key used for another body | -2 an upload is gone, its id}
local now, duel, owner = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local refused = seen_before(K.duel, KEYS[1], ARGV[4]) or take_uploads(owner, cjson.decode(ARGV[6]))
if refused then return refused end
if KEYS[1] ~= '' then redis.call('SET', KEYS[1], duel .. ' ' .. ARGV[4], 'PX', 86400000) end
local batches = {}
for i, one in ipairs(cjson.decode(ARGV[5])) do
  batches[i] = one[1]
  one[2].duel = duel
  store_batch(now, owner, one[1], one[2], one[3])
end
redis.call('HSET', K.duel(duel), 'owner', owner, 'created', now, 'batches', table.concat(batches, ' '))
return {duel, 1}
