-- KEYS[1] the customer. ARGV: when they chose (microseconds), what they chose (JSON), how long it is kept (seconds; 0: for good).
-- A choice of an earlier time than the one that is known changes nothing.
local known = redis.call('GET', KEYS[1])
if known and tonumber(cjson.decode(known).at) > tonumber(ARGV[1]) then
  return 0
end
if ARGV[3] == '0' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return 1
