-- Drop the oldest entries: no more than asked for at once, none of the newest to keep, and none that one of the groups has still to work on.
-- KEYS 1 journal  2 number.  ARGV 1 how many to keep  2 most to drop now  3 and on: groups; while one is missing, all stay.  Returns how many were dropped.
-- Entries are numbered without a gap, so that the number of the oldest one that a group needs tells how many must stay.
local length = redis.call('XLEN', KEYS[1])
local keep = math.max(tonumber(ARGV[1]), 1)
if length <= keep then
  return 0
end
local delivered = {}
for _, row in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do
    group[row[i]] = row[i + 1]
  end
  delivered[group['name']] = group['last-delivered-id']
end
for group = 3, #ARGV do
  if not delivered[ARGV[group]] then
    return 0
  end
  local pending = redis.call('XPENDING', KEYS[1], ARGV[group])
  local oldest = pending[1] > 0 and pending[2] or '(' .. delivered[ARGV[group]]
  local waiting = redis.call('XRANGE', KEYS[1], oldest, '+', 'COUNT', 1)[1]
  local fields = waiting and waiting[2] or {}
  for i = 1, #fields, 2 do
    if fields[i] == 'n' then
      keep = math.max(keep, tonumber(redis.call('GET', KEYS[2])) - tonumber(fields[i + 1]) + 1)
    end
  end
end
return redis.call('XTRIM', KEYS[1], 'MAXLEN', math.max(keep, length - tonumber(ARGV[2])))
