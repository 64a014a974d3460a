-- Store views and what they reflect, unless a later position is there. See views_redis.py and wire.py.
-- KEYS: views, views_changed, views_stamp
-- ARGV: stamp JSON, its position (milliseconds, number), its as_of (microseconds), whole (0 or 1), then field, JSON, field, JSON...
-- Returns 1, or 0 where a later position stood and nothing was done.
local views, changed, head = KEYS[1], KEYS[2], KEYS[3]
local order = { tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) }
local whole = ARGV[5] == '1'

-- A revision is a time in milliseconds, where that is above the one before: a new store, and one that a failover took back to
-- an earlier state, then give none again that a mirror has seen with other views.
local time = order[3] / 1000 - order[3] / 1000 % 1
local revision, whole_at = time, 0
local stored = redis.call('GET', head)
if stored then
  local before = cjson.decode(stored)
  for i = 1, 2 do -- at the same position the stamp is always renewed: the writer's clock may have been set back
    if order[i] > before.order[i] then break end
    if order[i] < before.order[i] then return 0 end
  end
  revision, whole_at = before.revision, before.whole_at
end

local following = math.max(revision + 1, time)
local moved = not stored
local given = {}
for i = 6, #ARGV, 2 do
  given[ARGV[i]] = true
  if redis.call('HGET', views, ARGV[i]) ~= ARGV[i + 1] then
    redis.call('HSET', views, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', changed, string.format('%.0f', following), ARGV[i])
    moved = true
  end
end

if whole then
  for _, field in ipairs(redis.call('HKEYS', views)) do
    if not given[field] then
      redis.call('HDEL', views, field)
      redis.call('ZREM', changed, field)
      moved, whole_at = true, following -- a mirror from before can't know what went: it fetches all
    end
  end
end

if not stored then whole_at = following end
if moved then revision = following end
-- By hand: cjson would write these numbers with 14 digits.
redis.call('SET', head, string.format('{"revision":%.0f,"whole_at":%.0f,"order":[%.0f,%.0f,%.0f],"stamp":%s}',
  revision, whole_at, order[1], order[2], order[3], ARGV[1]))
return 1
