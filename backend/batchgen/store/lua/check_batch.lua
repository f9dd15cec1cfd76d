-- check_batch: the money of a batch and of its items at one moment; changes nothing
-- KEYS 1 batch  ARGV 1 batch id
-- returns {its held, settled, unclear; what its open items hold; its items' cost; what its attempts cost, and possibly
-- cost}, or nothing where there is no batch
local own = redis.call('HMGET', KEYS[1], 'held', 'settled', 'unclear')
if not own[1] then return {} end
local held, cost, paid, unclear = 0, 0, 0, 0
for at, letter in (redis.call('GET', K.states(ARGV[1])) or ''):gmatch('()(.)') do
  local n = at - 1
  local told = redis.call('HMGET', K.item(ARGV[1], n), 'cost', 'attempts')
  if ('qwr'):find(letter, 1, true) then held = held + price_of(ARGV[1], n) end
  cost = cost + (told[1] or 0)
  for attempt = 1, told[2] or 0 do
    local is = attempt_of(K.item(ARGV[1], n), attempt)
    if is and is.charged == 'yes' then paid = paid + (tonumber(is.amount) or 0) end
    if is and is.charged == 'unknown' then unclear = unclear + (tonumber(is.amount) or 0) end
  end
end
for _, sum in ipairs({held, cost, paid, unclear}) do own[#own + 1] = string.format('%.0f', sum) end
return own
