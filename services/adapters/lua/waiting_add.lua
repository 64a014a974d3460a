-- Put one person on the waiting list of an area, or of an outage. See waiting_redis.py.
-- KEYS: waiting, waiting_until, waiting_areas, those of the group, those of the person, notices_due, waiting_asked
-- ARGV: id, JSON, expires (ms), group, most of a group, of all, of a person, lifetime (ms)
if redis.call('SREM', KEYS[7], ARGV[1]) == 1 then -- they were asked whether they asked, and ask themselves: that is the answer
  redis.call('ZREM', KEYS[6], ARGV[1])
  redis.call('SREM', KEYS[5], ARGV[1])
  redis.call('HDEL', KEYS[1], ARGV[1])
end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  if redis.call('SISMEMBER', KEYS[4], ARGV[1]) == 1 then -- not due yet: their time begins anew
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
    redis.call('PEXPIRE', KEYS[5], ARGV[8])
  end
  return 'duplicate'
end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) or redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[6])
  or redis.call('SCARD', KEYS[5]) >= tonumber(ARGV[7]) then return 'rejected' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('PEXPIRE', KEYS[5], ARGV[8])
return 'accepted'
