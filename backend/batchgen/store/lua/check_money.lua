-- check_money: all sums of money at one moment; changes nothing. Only open items are looked at one by one
-- KEYS of the months' sums and of the ledger's  ARGV 1 owners json
-- returns json {last: the ledger's newest id, stored: {key: {field, value, ...}}, batches: {id: {held, settled, unclear}},
-- open: {"payer month": held}}
local out = {last = '0-0', stored = {}, batches = {}, open = {}}
local last = redis.call('XREVRANGE', K.ledger(), '+', '-', 'COUNT', 1)[1]
if last then out.last = last[1] end
for _, key in ipairs(KEYS) do out.stored[key] = redis.call('HGETALL', key) end
local function holds(payer, month, price)
  local name = payer .. ' ' .. month
  out.open[name] = (out.open[name] or 0) + price
end
for _, owner in ipairs(cjson.decode(ARGV[1])) do
  for _, batch in ipairs(redis.call('ZRANGE', K.batches(owner), 0, -1)) do
    out.batches[batch] = redis.call('HMGET', K.batch(batch), 'held', 'settled', 'unclear')
    for at in (redis.call('GET', K.states(batch)) or ''):gmatch('()[qwr]') do
      local price, month = held_for(batch, at - 1), month_of(batch, at - 1)
      holds(owner, month, price)
      holds(TEAM, month, price)
    end
  end
end
return cjson.encode(out)
