-- Note when a source was heard, unless it was heard later already. See sources_redis.py and journal_redis.py.
-- KEYS: heard_from      ARGV: source, whole microseconds since 1970
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or tonumber(before) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 1
