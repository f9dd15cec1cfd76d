-- repeat_pilot: the sample is made once more, with other words or another model if given; the rest takes these too
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 the round that was looked at, or '' 4 batch fields json 5 own prompts json
-- {index: words}, or '' where the words stay 6 terms json 7.. states from which an item may be made again
-- returns 1 done, -1 it is not in review, -2 another round, or {'over', ...} as approve_pilot, or {'full', cap,
-- open, asked}
local now, batch, changes = now_ms(ARGV[1]), ARGV[2], cjson.decode(ARGV[4])
local owner = owner_of(batch)
if not owner then return -1 end
if not is_round(batch, ARGV[3]) then return -2 end
if not in_review(batch) then return -1 end
local sample = sample_of(batch)
for _, n in ipairs(sample) do
  if not has(ARGV, redis.call('HGET', K.item(batch, n), 'state'), 7) then return -1 end
end
local terms = cjson.decode(ARGV[6])
local refused = full(terms, owner, #sample) or reserve(terms, now, owner, batch, sample, changes.price)
if refused then return refused end

for name, value in pairs(changes) do redis.call('HSET', KEYS[1], name, value) end
local prompts = ARGV[5] ~= '' and cjson.decode(ARGV[5])
for n = 0, redis.call('HGET', KEYS[1], 'total') - 1 do
  if changes.model then redis.call('HDEL', K.item(batch, n), 'provider', 'model', 'price', 'tried', 'moved') end
  if prompts then redis.call('HDEL', K.item(batch, n), 'prompt') end
  if prompts and prompts[tostring(n)] then redis.call('HSET', K.item(batch, n), 'prompt', prompts[tostring(n)]) end
end
redis.call('HINCRBY', KEYS[1], 'round', 1)
for _, n in ipairs(sample) do
  local item = K.item(batch, n)
  decide(batch, n, 'none')
  local had = redis.call('HMGET', item, 'state', 'format', 'flags', 'marked', 'place', 'attempts')
  if had[1] == 'succeeded' and (had[3] or '') == '' then -- its picture goes when the new one is there
    redis.call('HSET', item, 'marked', (had[4] and had[4] .. ' ' or '') .. (had[5] or '') .. '.' .. had[2])
  end
  redis.call('HDEL', item, 'error', 'detail', 'tries', 'reruns', 'losses', 'started', 'finished', 'stop', 'tried', 'moved',
    'flags', 'note', 'seed', 'place')
  redis.call('HSET', item, 'again', had[6] or 0) -- pictures of attempts so far are of no use; names have the attempt
  move(owner, batch, n, had[1], 'queued', now)
  enqueue(lane_of(batch, n), owner, batch, n)
end
emit(owner, 'b', batch)
return 1
