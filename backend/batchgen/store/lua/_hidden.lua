-- Nobody steers a batch that nobody sees: what is deleted, with time to think again, neither runs nor costs.
local function shown_owner(batch) -- nil of one that is hidden, as of one that is not there
  local held = redis.call('HMGET', K.batch(batch), 'owner', 'hidden')
  if held[2] then return nil end
  return held[1] or nil
end
