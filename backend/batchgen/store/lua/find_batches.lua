-- find_batches: those of a list, newest first, whose name, prompt or person hold all the words; changes nothing
-- KEYS 1 list  ARGV 1 created (ms) and 2 id of the batch behind which it begins, or '' 3 at most looked at 4 at most found
-- 5 words json, in small letters 6 open | ended | cancelled | '' 7 '1': the owner's name counts too
-- returns {1 more may follow | 0, created, id: where it stopped, ids found...}
local top, last, words, kind, found = ARGV[1], ARGV[2], cjson.decode(ARGV[5]), ARGV[6], {}
local FIELDS = {'name', 'prompt', 'folded', 'owner_name', 'queued', 'waiting', 'running', 'stopped', 'folded_owner'}

local function holds_all(is)
  local text = (is[3] or '') ~= '' and is[3] or string.lower((is[1] or '') .. '\n' .. (is[2] or ''))
  if ARGV[7] == '1' then text = text .. '\n' .. (is[9] or string.lower(is[4] or '')) end
  for _, word in ipairs(words) do
    if not text:find(word, 1, true) then return false end
  end
  return true
end

local function is_kind(is)
  if kind == '' then return true end
  local open = (is[5] or 0) + (is[6] or 0) + (is[7] or 0) > 0
  if kind == 'open' then return open end
  return not open and (kind == 'ended' or is[8] == '1')
end

local spare = last == '' and 0 or 50 -- of one millisecond come few
local page = redis.call('ZREVRANGEBYSCORE', KEYS[1], top == '' and '+inf' or top, '-inf', 'WITHSCORES', 'LIMIT', 0,
  ARGV[3] + spare)
local looked, at = 0, 1
while page[at] and looked < tonumber(ARGV[3]) and #found < tonumber(ARGV[4]) do
  local id, created = page[at], page[at + 1]
  if last == '' or tonumber(created) < tonumber(top) or id < last then
    local is = redis.call('HMGET', K.batch(id), unpack(FIELDS))
    if is[1] and is_kind(is) and holds_all(is) then found[#found + 1] = id end
    looked = looked + 1
  end
  at = at + 2
end
if at == 1 then return {0, '', ''} end
local ended = not page[at] and #page < 2 * (ARGV[3] + spare)
return {ended and 0 or 1, page[at - 1], page[at - 2], unpack(found)}
