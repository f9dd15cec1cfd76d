-- A person's word on what succeeded: `review` of the item, `approved` and `rejected` of its batch, a letter for the pages.
-- A picture that is made once more is laid by in `earlier`, json [{place, format, ...}], and may be taken back from there.
local SAID = {none = '-', approved = 'a', rejected = 'r'}
local OF_PICTURE = {'format', 'width', 'height', 'bytes', 'note', 'seed', 'flags', 'moved', 'finished'}
local OF_BATCH = {'prompt', 'provider', 'model', 'price', 'lane'} -- what an item has of its own, or from its batch

local function decide(batch, n, decision) -- whether it is another one than before
  local item, whole = K.item(batch, n), K.batch(batch)
  local was = redis.call('HGET', item, 'review') or 'none'
  if was == decision then return false end
  if was ~= 'none' then redis.call('HINCRBY', whole, was, -1) end
  if decision == 'none' then redis.call('HDEL', item, 'review')
  else
    redis.call('HSET', item, 'review', decision)
    redis.call('HINCRBY', whole, decision, 1)
  end
  redis.call('SETRANGE', K.reviews(batch), n, SAID[decision])
  return true
end

local function take_marked(item) -- the place of the newest marked picture, which is not to be thrown away with the others
  local rest, place = redis.call('HGET', item, 'marked'):match('^(.-) ?(%d*)%.%l+$')
  if rest == '' then redis.call('HDEL', item, 'marked') else redis.call('HSET', item, 'marked', rest) end
  return place
end

local function earlier_of(item) return cjson.decode(redis.call('HGET', item, 'earlier') or '[]') end

local function lay_by(batch, n)
  local item, picture, list = K.item(batch, n), {}, earlier_of(K.item(batch, n))
  decide(batch, n, 'none')
  for _, name in ipairs(OF_PICTURE) do picture[name] = redis.call('HGET', item, name) or nil end
  for _, name in ipairs(OF_BATCH) do
    picture[name] = first_of(redis.call('HGET', item, name), redis.call('HGET', K.batch(batch), name)) or nil
  end
  local flagged = (picture.flags or '') ~= ''
  picture.place = flagged and take_marked(item) or redis.call('HGET', item, 'place') or ''
  list[#list + 1] = picture
  redis.call('HSET', item, 'earlier', cjson.encode(list))
  redis.call('HDEL', item, 'flags', 'note', 'seed', 'place')
end

local function bring_back(batch, n, place) -- whether it was there
  local item, list, found = K.item(batch, n), earlier_of(K.item(batch, n)), nil
  for i = #list, 1, -1 do if list[i].place == place then found = table.remove(list, i) break end end
  if not found then return false end
  if #list == 0 then redis.call('HDEL', item, 'earlier') else redis.call('HSET', item, 'earlier', cjson.encode(list)) end
  redis.call('HDEL', item, 'error', 'detail', 'flags', 'note', 'seed', 'place', 'moved')
  if (found.flags or '') ~= '' then
    local marked = redis.call('HGET', item, 'marked')
    redis.call('HSET', item, 'marked', (marked and marked .. ' ' or '') .. place .. '.' .. found.format)
    found.place = nil
  end
  for name, value in pairs(found) do redis.call('HSET', item, name, value) end
  return true
end
