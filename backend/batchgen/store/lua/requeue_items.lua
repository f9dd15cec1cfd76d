-- requeue_items: items that have ended go back to the queue, with other words or another model if given; the picture of
-- one that succeeded is laid by
-- KEYS 1 batch  ARGV 1 now|'' 2 batch id 3 changes json {prompt, provider, model, price}
-- 4 indexes json 5 indexes json of those that are to follow 6 terms json 7 own prompts json {index: words}
-- 8.. states from which an item may go back
-- returns how many went back, or {'over', whose, cap, used, held, asked} or {'full', cap, open, asked}: none
local now, batch, changes, own, done = now_ms(ARGV[1]), ARGV[2], cjson.decode(ARGV[3]), cjson.decode(ARGV[7]), 0
local terms, asked, back = cjson.decode(ARGV[6]), 0, 0
local month = month_at(terms, now) -- they are held anew, in the month of now
local owner, expired = shown_owner(batch), tonumber(redis.call('HGET', KEYS[1], 'expired') or 0)
if not owner then return 0 end
local function changed(n) -- what a time that has passed changes, it changes on what is in the economy lane still
  if changes.model or not changes.lane or lane_of(batch, n):find('+batch/', 1, true) then return changes end
  return {}
end
for _, list in ipairs({ARGV[4], ARGV[5]}) do
  for _, n in ipairs(cjson.decode(list)) do
    if has(ARGV, redis.call('HGET', K.item(batch, n), 'state'), 8) then
      back = back + 1
      if not needs_approval(batch, n) then asked = asked + (changed(n).price or price_of(batch, n)) end
    end
  end
end
local refused = full(terms, owner, back) or over(terms, owner, batch, month, asked)
if refused then return refused end
local open = redis.call('HMGET', KEYS[1], 'queued', 'waiting', 'running')
local function go_on()
  if open[1] + open[2] + open[3] == 0 then redis.call('HSET', KEYS[1], 'paused', '0') end -- a pause ends with its batch
  redis.call('HSET', KEYS[1], 'stopped', '0')
  redis.call('HDEL', KEYS[1], 'sampled')
  redis.call('SREM', K.stopping(), batch)
  for _, lane in ipairs(lanes_of(batch)) do take_turn(lane, owner, batch) end -- for those that a cancel has not reached
end
for _, n in ipairs(cjson.decode(ARGV[4])) do
  local item = K.item(batch, n)
  local state = redis.call('HGET', item, 'state')
  if has(ARGV, state, 8) then
    if done == 0 then go_on() end
    if state == 'succeeded' then lay_by(batch, n) end
    if expired > 0 and tonumber(redis.call('HGET', item, 'finished') or 0) <= expired then -- its marked picture is gone
      redis.call('HDEL', item, 'flags')
    end
    redis.call('HDEL', item, 'error', 'detail', 'tries', 'reruns', 'losses', 'started', 'finished', 'stop', 'tried', 'moved')
    for name, value in pairs(changed(n)) do redis.call('HSET', item, name, value) end
    if own[tostring(n)] then redis.call('HSET', item, 'prompt', own[tostring(n)]) end
    if changes.model or own[tostring(n)] or state == 'succeeded' then -- pictures of attempts so far answer no more
      redis.call('HSET', item, 'again', redis.call('HGET', item, 'attempts') or 0)
    end
    local held_back = needs_approval(batch, n)
    if not held_back then hold_in(month, batch, n) count(owner, batch, month, 'held', price_of(batch, n)) end
    move(owner, batch, n, state, 'queued', now)
    if held_back then hold_back(batch, n) else enqueue(lane_of(batch, n), owner, batch, n) end
    done = done + 1
  end
end
if done > 0 then emit(owner, 'b', batch) end
return done
