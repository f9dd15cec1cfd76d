-- send_item: written down before the request leaves; after this the call may have been paid
-- KEYS 1 item 2 batch  ARGV 1 now|'' 2 lease token 3 lane 4 key
-- returns the attempt's number, 0 stale token or sent already, -1 cancelled
local held = redis.call('HMGET', KEYS[1], 'token', 'stop', 'sent')
if held[1] ~= ARGV[2] or held[3] then return 0 end
if held[2] or redis.call('HGET', KEYS[2], 'stopped') == '1' then return -1 end
local attempt = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HINCRBY', KEYS[1], 'tries', 1)
local now = now_ms(ARGV[1])
redis.call('HSET', KEYS[1], 'sent', now, 'a' .. attempt, ARGV[3] .. '|' .. now .. '|||unknown')
redis.call('ZADD', K.rate(line_of(ARGV[3], ARGV[4])), 'XX', 'CH', now, ARGV[2]) -- the window counts what really left
return attempt
