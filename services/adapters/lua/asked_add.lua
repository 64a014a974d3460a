-- KEYS: mark of the batch; then hashes of counts, then hashes of phrases.
-- ARGV: seconds that the mark, the counts and the phrases are kept; most phrases in a hash; how many hashes of counts; then for each hash: number of fields, and field and count of each.
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then
  return 0
end
local at = 6
for number = 2, #KEYS do
  local key, is_counts, fields = KEYS[number], number - 1 <= tonumber(ARGV[5]), tonumber(ARGV[at])
  at = at + 1
  for _ = 1, fields do
    local field, count = ARGV[at], ARGV[at + 1]
    at = at + 2
    if is_counts or redis.call('HLEN', key) < tonumber(ARGV[4]) or redis.call('HEXISTS', key, field) == 1 then
      redis.call('HINCRBY', key, field, count)
    end
  end
  redis.call('EXPIRE', key, is_counts and ARGV[2] or ARGV[3])
end
return 1
