-- note_call: what the end of a call says of its key and its lane: faster, slower, at rest, shut
-- KEYS 1 item  ARGV 1 now|'' 2 lane 3 key 4 sign ok|other|slow|down|auth|overdue|quota 5 ms of rest
-- 6 limit json {at_once, keys} 7 breaker json {failures, shortest, longest} (ms)
-- returns ms until one of the provider's keys may go in this lane: 0 now, -1 not by itself
local now, lane, key, sign, rest = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local limit, breaker, pace = cjson.decode(ARGV[6]), cjson.decode(ARGV[7]), K.pace(lane)
local own = redis.call('HMGET', pace, key .. ':room', key .. ':halved', 'until', key .. ':until')
local room = num(own[1] or limit.at_once)

if sign == 'slow' then
  redis.call('HSET', pace, key .. ':until', math.max(num(own[4]), now + rest))
  if num(redis.call('HGET', KEYS[1], 'sent') or now) > num(own[2]) then -- one step for all that were under way together
    redis.call('HSET', pace, key .. ':room', math.max(1, math.floor(room / 2)), key .. ':halved', now)
  end
elseif sign == 'ok' and own[1] then
  if room + 1 / room >= limit.at_once then
    redis.call('HDEL', pace, key .. ':room', key .. ':halved') -- not its rest: this call may be older than that
  else
    redis.call('HSET', pace, key .. ':room', room + 1 / room)
  end
elseif sign == 'auth' or sign == 'overdue' or sign == 'quota' then
  redis.call('HSET', K.rests(provider_of(lane)), key, string.format('%.0f %s', now + rest, sign))
end

if sign ~= 'down' then
  redis.call('HDEL', pace, 'fails', 'opens', 'until')
elseif num(own[3]) <= now then -- while it is shut, those under way say nothing new
  local fails = redis.call('HINCRBY', pace, 'fails', 1)
  if own[3] or fails >= breaker.failures then
    local opens = redis.call('HINCRBY', pace, 'opens', 1)
    redis.call('HSET', pace, 'fails', 0, 'until', now + math.min(breaker.longest, breaker.shortest * 2 ^ (opens - 1)))
  end
end
return wait_for_key(lane, limit.keys, now)
