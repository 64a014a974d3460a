-- Drop the oldest entries: no more than asked for at once, none of the newest to keep, and none that the group has not acknowledged.
-- KEYS 1 journal  2 number.  ARGV 1 how many to keep  2 most to drop now  3 group.  Returns how many were dropped.
-- Entries are numbered without a gap, so that the number of the oldest unacknowledged one tells how many must stay.
local length = redis.call('XLEN', KEYS[1])
local keep = math.max(tonumber(ARGV[1]), 1)
if length <= keep then
  return 0
end
local oldest
for _, row in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do
    group[row[i]] = row[i + 1]
  end
  if group['name'] == ARGV[3] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[3])
    oldest = pending[1] > 0 and pending[2] or '(' .. group['last-delivered-id']
  end
end
if not oldest then
  return 0
end
local waiting = redis.call('XRANGE', KEYS[1], oldest, '+', 'COUNT', 1)[1]
if waiting then
  local fields = waiting[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'n' then
      keep = math.max(keep, tonumber(redis.call('GET', KEYS[2])) - tonumber(fields[i + 1]) + 1)
    end
  end
end
return redis.call('XTRIM', KEYS[1], 'MAXLEN', math.max(keep, length - tonumber(ARGV[2])))
