-- delete_batch: a batch that has ended leaves at once and whole; its items' records are then nobody's
-- KEYS 1 batch  ARGV 1 batch id 2 the latest end (ms), or ''
-- returns 1 done, 0 there is none, -1 it has not ended, or later
local held = redis.call('HMGET', KEYS[1], 'owner', 'queued', 'waiting', 'running', 'jobs', 'finished')
if not held[1] then return 0 end
if held[2] + held[3] + held[4] > 0 then return -1 end
if ARGV[2] ~= '' and tonumber(held[6] or 0) > tonumber(ARGV[2]) then return -1 end
for _, lane in ipairs(lanes_of(ARGV[1])) do
  leave_turn(lane, held[1], ARGV[1])
  redis.call('DEL', K.ready(ARGV[1], lane))
end
redis.call('DEL', K.back(ARGV[1]))
for k = 1, tonumber(held[5] or 0) do
  redis.call('ZREM', K.jobs(), ARGV[1] .. '.' .. k)
  redis.call('UNLINK', K.job(ARGV[1] .. '.' .. k))
end
redis.call('SREM', K.stopping(), ARGV[1])
redis.call('SREM', K.expiring(), ARGV[1])
local duel, others = redis.call('HGET', KEYS[1], 'duel'), {}
for one in (duel and redis.call('HGET', K.duel(duel), 'batches') or ''):gmatch('%S+') do
  if one ~= ARGV[1] then others[#others + 1] = one end
end
if #others > 0 then redis.call('HSET', K.duel(duel), 'batches', table.concat(others, ' '))
elseif duel then redis.call('DEL', K.duel(duel)) end -- without contestants it is none
redis.call('ZREM', K.batches(held[1]), ARGV[1])
redis.call('ZREM', K.everyone(), ARGV[1])
redis.call('ZREM', K.team(), ARGV[1])
for _, link in pairs(cjson.decode(redis.call('HGET', KEYS[1], 'links') or '{}')) do redis.call('DEL', K.link(link[3])) end
for n = 1, tonumber(redis.call('HGET', KEYS[1], 'finishes') or 0) do redis.call('UNLINK', K.notice(ARGV[1], n)) end
redis.call('UNLINK', KEYS[1], K.states(ARGV[1]))
emit(held[1], 'x', ARGV[1])
return 1
