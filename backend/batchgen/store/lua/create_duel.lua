-- create_duel: the same sample by several contestants: all their batches, or none
-- KEYS 1 idempotency key or ''  ARGV 1 now|'' 2 duel id 3 owner 4 hash of the body
-- 5 contestants json [[batch id, batch fields, items], ...] 6 uploads used json {id: times}, of all together 7 terms json
-- returns {duel id, 1 new | 0 seen before | -1 key used for another body | -2 an upload is gone, its id}, or
-- {'over', whose, cap, used, held, asked}: the budget does not reach for all samples, or {'full', cap, open, asked}:
-- nothing was stored
local now, duel, owner = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local contestants, terms, asked = cjson.decode(ARGV[5]), cjson.decode(ARGV[7]), 0
local pictures = 0
local month = month_at(terms, now)
local refused = seen_before(K.duel, KEYS[1], ARGV[4]) or missing_upload(owner, cjson.decode(ARGV[6]))
for _, one in ipairs(contestants) do
  local own = held_at_first(one[2], #one[3])
  refused, asked = refused or over(terms, owner, one[1], month, own), asked + own
  pictures = pictures + #one[3]
end
terms.batch = -1 -- which holds for each, and the others for all together
refused = refused or full(terms, owner, pictures) or over(terms, owner, duel, month, asked)
if refused then return refused end
take_uploads(cjson.decode(ARGV[6]))
if KEYS[1] ~= '' then redis.call('SET', KEYS[1], duel .. ' ' .. ARGV[4], 'PX', 86400000) end
local batches = {}
for i, one in ipairs(contestants) do
  batches[i] = one[1]
  one[2].duel = duel
  store_batch(now, owner, one[1], one[2], one[3], month)
end
redis.call('HSET', K.duel(duel), 'owner', owner, 'created', now, 'batches', table.concat(batches, ' '))
return {duel, 1}
