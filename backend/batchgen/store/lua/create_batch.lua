-- create_batch: the batch, its items, the hold, their places in the queue and the event, or nothing
-- KEYS 1 idempotency key or ''  ARGV 1 now|'' 2 batch id 3 owner 4 hash of the body 5 batch fields json 6 items json
-- 7 uploads used json {id: times}
-- returns {batch id, 1 new | 0 seen before | -1 key used for another body | -2 an upload is gone, its id}
local now, batch, owner = now_ms(ARGV[1]), ARGV[2], ARGV[3]
local refused = seen_before(K.batch, KEYS[1], ARGV[4]) or take_uploads(owner, cjson.decode(ARGV[7]))
if refused then return refused end
if KEYS[1] ~= '' then redis.call('SET', KEYS[1], batch .. ' ' .. ARGV[4], 'PX', 86400000) end
store_batch(now, owner, batch, cjson.decode(ARGV[5]), cjson.decode(ARGV[6]))
return {batch, 1}
