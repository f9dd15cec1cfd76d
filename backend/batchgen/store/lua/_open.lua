-- How much of a person's work is open: all that is not final, also what waits for a word on its sample. The number is
-- stored per batch and written whole, so it cannot drift; `since` of a batch is when it came to have open ones.
local function note_open(owner, batch, left, now)
  if left == 0 then redis.call('HDEL', K.open(owner), batch)
  elseif redis.call('HSET', K.open(owner), batch, left) == 1 then redis.call('HSET', K.batch(batch), 'since', now) end
  return left
end

-- Whether `asked` items more are too many: {'full', cap, open, asked}; nil: they are not. terms json {open: cap, -1 none}
local function full(terms, owner, asked)
  if terms.open < 0 or asked <= 0 then return end
  local open = 0
  for _, left in ipairs(redis.call('HVALS', K.open(owner))) do open = open + left end
  if open + asked > terms.open then return {'full', terms.open, open, asked} end
end
