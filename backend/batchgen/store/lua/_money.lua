-- Money moves in the step that moves what it is for. Whole micro-USD. A hold counts in the month in which it was taken,
-- and so does what becomes of it; in the ledger each amount stands at its own time.
-- terms json {days: [[ms at which it begins, name], ...], user, team, batch: caps, -1 none}
local TEAM = '@team'

local function day_at(terms, ms)
  local name
  for _, day in ipairs(terms.days) do if not name or day[1] <= ms then name = day[2] end end
  return name
end

local function month_at(terms, ms) return day_at(terms, ms):sub(1, 7) end

local function month_of(batch, n) -- an item that was queued again later has its own
  return first_of(redis.call('HGET', K.item(batch, n), 'month'), redis.call('HGET', K.batch(batch), 'month'), '')
end

local function count(owner, batch, month, field, amount)
  if amount == 0 then return end
  redis.call('HINCRBY', K.batch(batch), field, amount)
  for _, payer in ipairs({owner, TEAM}) do redis.call('HINCRBY', K.month(payer, month), field, amount) end
end

-- The first cap that `asked` more would pass: {'over', whose, cap, used, held, asked}; nil: none.
local function over(terms, owner, batch, month, asked)
  if asked <= 0 then return end
  local own = redis.call('HMGET', K.budgets(), owner, TEAM)
  for _, cap in ipairs({
    {'user', tonumber(own[1] or terms.user), K.month(owner, month)},
    {'team', tonumber(own[2] or terms.team), K.month(TEAM, month)},
    {'batch', terms.batch, K.batch(batch)}}) do
    local sums = redis.call('HMGET', cap[3], 'held', 'settled', 'unclear')
    local held, used = tonumber(sums[1] or 0), (sums[2] or 0) + (sums[3] or 0)
    if cap[2] >= 0 and held + used + asked > cap[2] then
      return {'over', cap[1], string.format('%.0f', cap[2]), string.format('%.0f', used), string.format('%.0f', held),
        string.format('%.0f', asked)}
    end
  end
end

-- One line of the ledger, and the sums that it changes. call {owner, batch, n, attempt, lane, month},
-- made {price, quantity, unit}; a correction takes back what was possibly paid.
local function charge(terms, now, call, kind, amount, made)
  if amount == 0 then return end
  count(call.owner, call.batch, call.month, kind == 'settled' and 'settled' or 'unclear', amount)
  if kind == 'settled' then
    redis.call('HINCRBY', K.item(call.batch, call.n), 'cost', amount)
    redis.call('HINCRBY', K.spent(), call.lane:match('^[^/+]*'), amount)
  end
  local last = redis.call('XREVRANGE', K.ledger(), '+', '-', 'COUNT', 1)[1]
  local ms, seq = (last and last[1] or '0-0'):match('^(%d+)-(%d+)$')
  if tonumber(ms) < now then ms, seq = now, -1 end
  redis.call('XADD', K.ledger(), string.format('%.0f-%.0f', ms, seq + 1), 'user', call.owner, 'item',
    call.batch .. '-' .. call.n, 'attempt', call.attempt, 'lane', call.lane, 'kind', kind, 'amount', amount,
    'price', made.price, 'quantity', made.quantity, 'unit', made.unit, 'month', call.month)
  local day = day_at(terms, ms)
  local sums, field = K.spend(day:sub(1, 7)), '|' .. call.lane .. '|' .. call.owner
  redis.call('HINCRBY', sums, day .. '|' .. (kind == 'settled' and 's' or 'p') .. field, amount)
  redis.call('HINCRBY', sums, day .. '|n' .. field, kind == 'correction' and -1 or 1)
end
