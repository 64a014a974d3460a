-- Make areas due and acknowledge the entries that touched them, in one step.
-- KEYS 1 journal, then the due sets.
-- ARGV 1 group  2 how many entries, then their ids; then for each due set: how many areas, then area, score of each.
-- An area that is due already keeps the sooner time plus one microsecond: a worker that took it finds that something came since.
local entries = tonumber(ARGV[2])
local at = 3 + entries
for set = 2, #KEYS do
  local areas = tonumber(ARGV[at])
  for i = at + 1, at + 2 * areas, 2 do
    local score = tonumber(ARGV[i + 1])
    local known = tonumber(redis.call('ZSCORE', KEYS[set], ARGV[i]) or 'inf')
    if known <= score then
      score = known + 1
    end
    redis.call('ZADD', KEYS[set], string.format('%.0f', score), ARGV[i])
  end
  at = at + 1 + 2 * areas
end
for from = 3, 2 + entries, 1000 do
  redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, from, math.min(from + 999, 2 + entries)))
end
return redis.status_reply('OK')
