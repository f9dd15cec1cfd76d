-- accept_items: a person takes the marked pictures of ended items as they are; nothing is charged, nothing runs
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 indexes json 4.. states from which an item may be accepted
-- returns how many were
local now, batch, done = now_ms(ARGV[1]), ARGV[2], 0
local owner, ended = shown_owner(batch), redis.call('HGET', KEYS[1], 'finished')
local expired = tonumber(redis.call('HGET', KEYS[1], 'expired') or 0) -- older pictures are gone
if not owner then return 0 end
for _, n in ipairs(cjson.decode(ARGV[3])) do
  local held = redis.call('HMGET', K.item(batch, n), 'state', 'flags', 'finished')
  if has(ARGV, held[1], 4) and (held[2] or '') ~= '' and (expired == 0 or tonumber(held[3] or 0) > expired) then
    redis.call('HDEL', K.item(batch, n), 'error', 'detail')
    move(owner, batch, n, held[1], 'succeeded', now)
    done = done + 1
  end
end
if done > 0 and ended then redis.call('HSET', KEYS[1], 'finished', ended) end -- it took no longer by being looked at
if done > 0 then emit(owner, 'b', batch) end
return done
