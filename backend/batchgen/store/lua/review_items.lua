-- review_items: what a person says of pictures that succeeded
-- KEYS 1 batch  ARGV 1 batch id 2 decisions json {index: none|approved|rejected} 3.. states of what may be decided on
-- returns {how many may be decided on, of how many it is another decision}
local batch, owner, found, changed = ARGV[1], shown_owner(ARGV[1]), 0, 0
if not owner then return {0, 0} end
for n, decision in pairs(cjson.decode(ARGV[2])) do
  local item = K.item(batch, n)
  if has(ARGV, redis.call('HGET', item, 'state'), 3) then
    found = found + 1
    if decide(batch, n, decision) then
      redis.call('HINCRBY', item, 'version', 1)
      redis.call('HINCRBY', KEYS[1], 'version', 1)
      show(owner, batch, n)
      changed = changed + 1
    end
  end
end
if changed > 0 then emit(owner, 'b', batch) end
return {found, changed}
