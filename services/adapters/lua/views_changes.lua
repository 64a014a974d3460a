-- What changed after a revision, all of one moment. See views_redis.py.
-- KEYS: views, views_changed, views_stamp      ARGV: the revision that the mirror holds
-- Returns nothing where nothing was published; else: stamp JSON, whole (0 or 1), {field, JSON, field, JSON...}; no JSON: the field went
local head = redis.call('GET', KEYS[3])
if not head then return false end
local now, held = cjson.decode(head), tonumber(ARGV[1])
if held < now.whole_at or held > now.revision then
  return { head, 1, redis.call('HGETALL', KEYS[1]) }
end
local found = {}
for _, field in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf')) do
  found[#found + 1] = field
  found[#found + 1] = redis.call('HGET', KEYS[1], field)
end
return { head, 0, found }
