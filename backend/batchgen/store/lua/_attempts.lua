-- What is kept of each attempt: `lane|sent|ended|outcome|charged|amount|month`; the month only where it is not its batch's.
local function attempt_of(item, attempt)
  local record = redis.call('HGET', item, 'a' .. attempt)
  if not record then return end
  local lane, sent, ended, outcome, charged, amount, month =
    record:match('^([^|]*)|(%d*)|(%d*)|([^|]*)|(%l*)|?(%d*)|?([^|]*)$')
  return {lane = lane, sent = sent, ended = ended, outcome = outcome, charged = charged, amount = amount, month = month}
end

local function write_attempt(item, attempt, is)
  redis.call('HSET', item, 'a' .. attempt,
    table.concat({is.lane, is.sent, is.ended, is.outcome, is.charged, is.amount, is.month}, '|'))
end

local function note_speed(lane, took)
  local before = tonumber(redis.call('HGET', K.speed(), lane) or 0)
  redis.call('HSET', K.speed(), lane, math.floor(before == 0 and took or before * 0.8 + took * 0.2))
end

local function note_bytes(owner, batch, bytes) -- of a picture that was stored, also one that is marked
  if not bytes then return end
  redis.call('HINCRBY', K.batch(batch), 'bytes', bytes)
  redis.call('HINCRBY', K.made(), owner, bytes)
end

-- What was possibly paid for an attempt is not owed.
local function take_back(terms, now, call, is)
  local owed = tonumber(is.amount) or 0
  call.lane = is.lane
  call.month = is.month ~= '' and is.month or redis.call('HGET', K.batch(call.batch), 'month') or ''
  redis.call('HINCRBY', K.item(call.batch, call.n), 'unclear', -1)
  charge(terms, now, call, 'correction', 0 - owed, {price = owed, quantity = 1, unit = 'picture'})
end

-- A call of which nothing was known has left its picture: what was possibly paid is paid. `outcome` replaces its own.
local function paid_after_all(terms, now, call, made, outcome)
  local item = K.item(call.batch, call.n)
  call.attempt = math.max(1, call.attempt)
  local is = attempt_of(item, call.attempt)
  if is and is.outcome == '' then return end -- it runs and will settle itself
  if not is then -- Redis has lost the second in which it was sent
    is = {lane = call.lane, sent = now, ended = now, charged = '', amount = '', month = ''}
    redis.call('HSET', item, 'attempts', math.max(call.attempt, redis.call('HGET', item, 'attempts') or 0))
  end
  is.outcome = outcome or is.outcome or 'succeeded'
  if is.charged == 'yes' then write_attempt(item, call.attempt, is) return end
  local price = made.amount or tonumber(is.amount) or call.price
  call.lane, made.price = is.lane, made.price or price
  if is.charged == 'unknown' then take_back(terms, now, call, is) end
  charge(terms, now, call, 'settled', price, made)
  is.charged, is.amount = 'yes', string.format('%.0f', price)
  write_attempt(item, call.attempt, is)
end
