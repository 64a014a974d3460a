-- Take what posts cost from each of an account's limits, or nothing from any. kernel/counted.py and budgets_memory.py do the same in memory.
-- KEYS: spent, heard, on_its_way, then each post's taken
-- ARGV: now (ms), share kept back, ms that a post's key is known, ms that a post is on its way at most, number of limits;
--       of each limit: window (ms), step (ms), most, its unit (p or d); of each post: key, posts, millionths of a dollar
-- Answers 1; or, where there isn't enough of all limits, 0 and what it would cost: posts, millionths of a dollar
local now, share, keep, way_max, limits = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function whole(number) return string.format('%.0f', number) end

local new, cost = {}, {p = 0, d = 0}
for i = 4, #KEYS do
  local at = 6 + 4 * limits + 3 * (i - 4)
  if redis.call('EXISTS', KEYS[i]) == 0 then
    local post = {taken = KEYS[i], key = ARGV[at], p = tonumber(ARGV[at + 1]), d = tonumber(ARGV[at + 2])}
    cost.p, cost.d = cost.p + post.p, cost.d + post.d
    new[#new + 1] = post
  end
end
if #new == 0 then return {1} end

local own, sums, longest = {}, {}, 0
for i = 0, limits - 1 do
  local at = 6 + 4 * i
  local limit = {window = ARGV[at], ms = tonumber(ARGV[at]), step = tonumber(ARGV[at + 1]), most = tonumber(ARGV[at + 2]), unit = ARGV[at + 3]}
  own[#own + 1] = limit
  sums[limit.window .. limit.unit] = 0
  longest = math.max(longest, limit.ms + limit.step)
end
local heard, way = {}, 0
local on_its_way = redis.call('HGETALL', KEYS[3])
for i = 1, #on_its_way, 2 do
  local posts, at = string.match(on_its_way[i + 1], '^(%d+) (%d+)$')
  if now < tonumber(at) + way_max then
    way = way + tonumber(posts)
  else
    redis.call('HDEL', KEYS[3], on_its_way[i])
  end
end
local said = redis.call('HGETALL', KEYS[2])
for i = 1, #said, 2 do
  local most, remaining, resets = string.match(said[i + 1], '^(%d+) (%d+) (%d+)$')
  heard[tonumber(said[i]) * 1000] = {most = tonumber(most), left = math.max(0, tonumber(remaining) - way), resets = tonumber(resets)}
end

local first, counted = {}, {} -- the oldest step that is still known, and the first that counts: none from before the service's own window
for _, limit in ipairs(own) do
  local of, told = limit.window .. limit.unit, limit.unit == 'p' and heard[limit.ms] or nil
  first[of] = math.floor((now - limit.ms) / limit.step)
  counted[of] = first[of]
  if told and told.most <= limit.most and now < told.resets + limit.ms then
    local began = told.resets <= now and told.resets or told.resets - limit.ms
    counted[of] = math.max(first[of], math.floor(began / limit.step))
  end
end

local spent, gone = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #spent, 2 do
  local of, step = string.match(spent[i], '^(%d+[pd])(%d+)$')
  if of and sums[of] and tonumber(step) >= first[of] then
    if tonumber(step) >= counted[of] then sums[of] = sums[of] + tonumber(spent[i + 1]) end
  elseif of then
    gone[#gone + 1] = spent[i]
  end
end

local function lacks(amount, most, left) return amount > 0 and left < amount + (share > 0 and math.max(share * most, amount) or 0) - 1e-6 end
for _, limit in ipairs(own) do
  local told = limit.unit == 'p' and heard[limit.ms] or nil
  local most = limit.most
  if told and now < told.resets + limit.ms then most = math.min(most, told.most) end
  local left = most - sums[limit.window .. limit.unit]
  if told and now < told.resets then left = math.min(left, told.left) end
  if told then told.known = true end
  if lacks(cost[limit.unit], most, left) then return {0, cost.p, cost.d} end
end
for _, told in pairs(heard) do
  if not told.known and now < told.resets and lacks(cost.p, told.most, told.left) then return {0, cost.p, cost.d} end
end

for from = 1, #gone, 1000 do redis.call('HDEL', KEYS[1], unpack(gone, from, math.min(from + 999, #gone))) end
for _, limit in ipairs(own) do
  if cost[limit.unit] > 0 then
    redis.call('HINCRBY', KEYS[1], limit.window .. limit.unit .. whole(math.floor(now / limit.step)), whole(cost[limit.unit]))
  end
end
redis.call('HSET', KEYS[1], 'at', whole(now))
redis.call('PEXPIRE', KEYS[1], whole(math.max(longest, keep)))
for _, post in ipairs(new) do
  redis.call('SET', post.taken, whole(post.p) .. ' ' .. whole(post.d) .. ' ' .. whole(now), 'PX', whole(keep))
  redis.call('HSET', KEYS[3], post.key, whole(post.p) .. ' ' .. whole(now))
end
redis.call('PEXPIRE', KEYS[3], whole(way_max))
return {1}
