-- Remember how a notice stands, unless its waiter was taken off. See notices_redis.py.
-- KEYS: waiting, notices_due      ARGV: id, the notice's JSON, when it is due (ms)
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
