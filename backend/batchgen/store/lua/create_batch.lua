-- create_batch: the batch, its items, the hold, their places in the queue and the event, or nothing
-- KEYS 1 idempotency key or ''  ARGV 1 now|'' 2 batch id 3 owner 4 hash of the body 5 batch fields json 6 items json
-- 7 uploads used json {id: times} 8 terms json
-- returns {batch id, 1 new | 0 seen before | -1 key used for another body | -2 an upload is gone, its id}, or
-- {'over', whose, cap, used, held, asked} or {'full', cap, open, asked}: nothing was stored
local now, batch, owner = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local given, items, terms = cjson.decode(ARGV[5]), cjson.decode(ARGV[6]), cjson.decode(ARGV[8])
local refused = seen_before(K.batch, KEYS[1], ARGV[4]) or missing_upload(owner, cjson.decode(ARGV[7]))
  or full(terms, owner, #items) or over(terms, owner, batch, month_at(terms, now), held_at_first(given, #items))
if refused then return refused end
if KEYS[1] ~= '' then redis.call('SET', KEYS[1], batch .. ' ' .. ARGV[4], 'PX', 86400000) end
take_uploads(cjson.decode(ARGV[7]))
store_batch(now, owner, batch, given, items, month_at(terms, now))
return {batch, 1}
