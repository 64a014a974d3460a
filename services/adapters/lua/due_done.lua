-- Strike off work that was taken, where nothing came since, and plan what comes next.
-- KEYS 1 due set.  ARGV 1 how many were taken  2 when the work was looked for, or 0; then area, score of each; then area, score of each to be due again.
local taken = tonumber(ARGV[1])
local again = {}
for i = 3 + 2 * taken, #ARGV, 2 do
  again[ARGV[i]] = ARGV[i + 1]
end
for i = 3, 2 + 2 * taken, 2 do
  local area = ARGV[i]
  local score = redis.call('ZSCORE', KEYS[1], area)
  if score and tonumber(score) == tonumber(ARGV[i + 1]) then
    if again[area] then
      redis.call('ZADD', KEYS[1], again[area], area)
    else
      redis.call('ZREM', KEYS[1], area)
    end
    again[area] = nil
  elseif score and tonumber(score) < tonumber(ARGV[2]) then
    redis.call('ZADD', KEYS[1], ARGV[2], area) -- what it was due for before is done
  end
end
for area, score in pairs(again) do
  redis.call('ZADD', KEYS[1], 'LT', score, area)
end
return redis.status_reply('OK')
