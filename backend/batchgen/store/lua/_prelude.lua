-- What all scripts share. Times are milliseconds of Redis's own clock unless a test gives one.
local LETTER = {queued = 'q', waiting = 'w', running = 'r', succeeded = 's', failed = 'f', cancelled = 'c'}
local SHOWN = {'state', 'version', 'attempts', 'retry_at', 'error', 'detail', 'unclear', 'cost', 'started', 'finished', 'lane', 'format',
  'width', 'height', 'bytes', 'note', 'seed', 'flags', 'marked', 'prompt', 'provider', 'model', 'moved', 'place', 'review', 'earlier'}

local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function split(id) return id:match('^(.*)%-(%d+)$') end

local function first_of(...) -- the first that is there; HMGET gives false, HGET nothing
  for i = 1, select('#', ...) do local v = select(i, ...) if v then return v end end
end

local function has(list, value, from)
  for i = from or 1, #list do if list[i] == value then return true end end
  return false
end

local function owner_of(batch) return redis.call('HGET', K.batch(batch), 'owner') end

local function lane_of(batch, n)
  local own = redis.call('HMGET', K.item(batch, n), 'provider', 'model', 'lane')
  local all = redis.call('HMGET', K.batch(batch), 'provider', 'model', 'lane')
  local mark = first_of(own[3], all[3]) == 'economy' and '+batch/' or '/'
  return first_of(own[1], all[1]) .. mark .. first_of(own[2], all[2])
end

local function price_of(batch, n)
  return tonumber(first_of(redis.call('HGET', K.item(batch, n), 'price'), redis.call('HGET', K.batch(batch), 'price'), 0))
end

local function emit(owner, ...) return redis.call('XADD', K.events(owner), 'MAXLEN', '~', 10000, '*', ...) end

local function show(owner, batch, n) -- an item as it is now, as an event
  local shown, values = {}, redis.call('HMGET', K.item(batch, n), unpack(SHOWN))
  for i, name in ipairs(SHOWN) do if values[i] then shown[name] = values[i] end end
  emit(owner, 'i', batch .. '-' .. n, 'd', cjson.encode(shown))
end

-- An item's fields are set before it moves, so that the event carries the whole change.
local function move(owner, batch, n, from, to, now)
  local item, whole = K.item(batch, n), K.batch(batch)
  redis.call('HSET', item, 'state', to)
  redis.call('HINCRBY', item, 'version', 1)
  redis.call('HINCRBY', whole, from, -1)
  redis.call('HINCRBY', whole, to, 1)
  redis.call('HINCRBY', whole, 'version', 1)
  redis.call('SETRANGE', K.states(batch), n, LETTER[to])
  if to == 'running' then redis.call('HSETNX', whole, 'started', now) redis.call('HSET', whole, 'news', 1) end
  local left = redis.call('HMGET', whole, 'queued', 'waiting', 'running')
  if note_open(owner, batch, left[1] + left[2] + left[3], now) == 0 then
    redis.call('HSET', whole, 'finished', now)
    post(owner, batch, now)
  else redis.call('HDEL', whole, 'finished') end
  show(owner, batch, n)
end
