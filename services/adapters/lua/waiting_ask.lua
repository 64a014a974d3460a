-- Have somebody asked whether they asked to wait. See waiting_redis.py.
-- KEYS: waiting, waiting_until, waiting_areas, those of the group, those of the person, notices_due, waiting_asked, how often this person was asked today,
-- and how often all together
-- ARGV: id, JSON, an answer counts until (ms), now (ms), most of a person a day, most in line, most asked, most of all, most of a person, lifetime (ms),
-- most of all together a day
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'duplicate' end
if tonumber(redis.call('GET', KEYS[8]) or 0) >= tonumber(ARGV[5]) or redis.call('ZCARD', KEYS[6]) >= tonumber(ARGV[6])
  or redis.call('SCARD', KEYS[7]) >= tonumber(ARGV[7]) or redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[8])
  or redis.call('SCARD', KEYS[5]) >= tonumber(ARGV[9]) or tonumber(redis.call('GET', KEYS[9]) or 0) >= tonumber(ARGV[11]) then return 'rejected' end
for place = 8, 9 do
  redis.call('INCR', KEYS[place])
  redis.call('EXPIRE', KEYS[place], 172800)
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[7], ARGV[1])
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('PEXPIRE', KEYS[5], ARGV[10])
redis.call('ZADD', KEYS[6], ARGV[4], ARGV[1])
return 'accepted'
