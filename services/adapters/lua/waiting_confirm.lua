-- Somebody has answered that they asked: they wait from now on. 0 where they were not asked, or don't wait for an answer any more. See waiting_redis.py.
-- KEYS: waiting, waiting_until, waiting_areas, those of the group, those of the person, notices_due, waiting_asked
-- ARGV: id, JSON, expires (ms), group, most of a group, lifetime (ms)
if redis.call('SISMEMBER', KEYS[7], ARGV[1]) == 0 or redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) then return 0 end
redis.call('SREM', KEYS[7], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('PEXPIRE', KEYS[5], ARGV[6])
return 1
