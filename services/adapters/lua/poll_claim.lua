-- Claim one due poll by moving its due time ahead. See polls_redis.py.
-- KEYS: polls_due, polls      ARGV: now, until (whole microseconds since 1970), the source to claim due or not ('': the longest due)
-- Returns nothing where none is there; else {source, its state's JSON or nil}
local name = ARGV[3]
if name == '' then
  name = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
  if not name then return false end
elseif not redis.call('ZSCORE', KEYS[1], name) then
  return false
end
redis.call('ZADD', KEYS[1], ARGV[2], name)
return { name, redis.call('HGET', KEYS[2], name) }
