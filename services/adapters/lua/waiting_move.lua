-- Somebody waits for another outage from now on. Nothing where they wait for the first one no more. See notices_redis.py.
-- KEYS: waiting, waiting_areas, those of the first, those of the other      ARGV: id, the first, the other, the waiter's JSON
if redis.call('SREM', KEYS[3], ARGV[1]) == 0 then return 0 end
if redis.call('HINCRBY', KEYS[2], ARGV[2], -1) <= 0 then redis.call('HDEL', KEYS[2], ARGV[2]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
return 1
