-- Store views and what they reflect, unless a later position is there. See views_redis.py and wire.py.
-- KEYS: views, views_changed, views_stamp
-- ARGV: stamp JSON, its position (milliseconds, number), its as_of (microseconds), whole (0 or 1: drop all other areas' fields), the same of outages' fields,
--   what an outage's field begins with, how many fields that went are remembered, then field, JSON, field, JSON... ('' for JSON: the field goes)
-- Returns 1, or 0 where a later position stood and nothing was done.
local views, changed, head = KEYS[1], KEYS[2], KEYS[3]
local order = { tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) }
local whole, whole_outages, outage, gone_max = ARGV[5] == '1', ARGV[6] == '1', ARGV[7], tonumber(ARGV[8])

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
local function note(field)
  redis.call('ZADD', changed, string.format('%.0f', following), field)
  moved = true
end

for i = 9, #ARGV, 2 do
  local field, body = ARGV[i], ARGV[i + 1]
  given[field] = true
  if body == '' then
    if redis.call('HDEL', views, field) == 1 then note(field) end -- mirrors hear that it went
  elseif redis.call('HGET', views, field) ~= body then
    redis.call('HSET', views, field, body)
    note(field)
  end
end

if whole or whole_outages then
  for _, field in ipairs(redis.call('HKEYS', views)) do
    local outages = field:sub(1, #outage) == outage
    if not given[field] and outages and whole_outages then
      redis.call('HDEL', views, field)
      note(field)
    elseif not given[field] and not outages and whole then
      redis.call('HDEL', views, field)
      redis.call('ZREM', changed, field)
      moved, whole_at = true, following -- a mirror from before can't know what went: it fetches all
    end
  end
end

if redis.call('ZCARD', changed) - redis.call('HLEN', views) > gone_max then
  for _, field in ipairs(redis.call('ZRANGE', changed, 0, -1)) do
    if redis.call('HEXISTS', views, field) == 0 then redis.call('ZREM', changed, field) end
  end
  moved, whole_at = true, following
end

if not stored then whole_at = following end
if moved then revision = following end
-- By hand: cjson would write these numbers with 14 digits.
redis.call('SET', head, string.format('{"revision":%.0f,"whole_at":%.0f,"order":[%.0f,%.0f,%.0f],"stamp":%s}',
  revision, whole_at, order[1], order[2], order[3], ARGV[1]))
return 1
