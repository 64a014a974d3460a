-- Forget that somebody waits, and what was to be sent to them. See waiting_redis.py and notices_redis.py.
-- KEYS: waiting, waiting_until, waiting_areas, those of the group, those of the person, notices_due, waiting_asked      ARGV: id, group
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
redis.call('SREM', KEYS[7], ARGV[1])
if redis.call('SREM', KEYS[4], ARGV[1]) == 1 and redis.call('HINCRBY', KEYS[3], ARGV[2], -1) <= 0 then redis.call('HDEL', KEYS[3], ARGV[2]) end
return redis.call('HDEL', KEYS[1], ARGV[1])
