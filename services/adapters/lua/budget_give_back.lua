-- A post is surely not out: as if it had never been taken. See budgets_redis.py.
-- KEYS: spent, on_its_way, the post's taken      ARGV: key, then of each limit: window (ms), step (ms), its unit (p or d)
local taken = redis.call('GET', KEYS[3])
if not taken then return 0 end
local posts, micros, at = string.match(taken, '^(%d+) (%d+) (%d+)$')
local cost = {p = tonumber(posts), d = tonumber(micros)}
for i = 2, #ARGV, 3 do
  local field = ARGV[i] .. ARGV[i + 2] .. string.format('%.0f', math.floor(tonumber(at) / tonumber(ARGV[i + 1])))
  local left = redis.call('HGET', KEYS[1], field)
  if left and tonumber(left) > cost[ARGV[i + 2]] then
    redis.call('HINCRBY', KEYS[1], field, string.format('%.0f', -cost[ARGV[i + 2]]))
  elseif left then
    redis.call('HDEL', KEYS[1], field)
  end
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
return 1
