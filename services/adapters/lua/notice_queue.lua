-- A waiter waits no more: their notice is due. Nothing where they were taken off, or it is. See notices_redis.py.
-- KEYS: waiting, waiting_until, waiting_areas, those of the group, notices_due      ARGV: id, group, the notice's JSON, now (ms), worth sending until (ms)
if redis.call('SREM', KEYS[4], ARGV[1]) == 0 then return 0 end
if redis.call('HINCRBY', KEYS[3], ARGV[2], -1) <= 0 then redis.call('HDEL', KEYS[3], ARGV[2]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
redis.call('ZADD', KEYS[5], ARGV[4], ARGV[1])
return 1
