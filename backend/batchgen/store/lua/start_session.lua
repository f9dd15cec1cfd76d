-- start_session: under the epoch that was read before the password was checked: one that has ended since is not revived
-- KEYS 1 session  ARGV 1 now or '' 2 account id 3 epoch 4 idle ms 5 life ms
local now = now_ms(ARGV[1])
redis.call('HSET', KEYS[1], 'account', ARGV[2], 'epoch', ARGV[3], 'seen', now, 'ends', now + ARGV[5])
redis.call('PEXPIRE', KEYS[1], math.min(ARGV[4], ARGV[5]))
return 1
