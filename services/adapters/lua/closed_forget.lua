-- Forget the versions of outages that were over long ago, or are more than may be kept.
-- KEYS 1 closed  2 versions.  ARGV 1 over before (ms)  2 most to keep  3 most to forget now.  Returns how many were forgotten.
local old = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
local many = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[2])
local count = math.min(math.max(old, many), tonumber(ARGV[3]))
if count < 1 then
  return 0
end
local keys = redis.call('ZRANGE', KEYS[1], 0, count - 1)
redis.call('HDEL', KEYS[2], unpack(keys))
redis.call('ZREM', KEYS[1], unpack(keys))
return count
