-- Remember which chain alerts belong to; where the newer generation is full, it becomes the older one.
--
-- KEYS  1 newer generation  2 older generation
-- ARGV  1 most messages of a generation; then of each message: its name, JSON of the first message of its chain

local CHUNK = 1000 -- pairs or not, an even number: Lua's unpack takes no more than about 8,000 values

for from = 2, #ARGV, CHUNK do
  redis.call('HSET', KEYS[1], unpack(ARGV, from, math.min(from + CHUNK - 1, #ARGV)))
end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[1]) then
  redis.call('UNLINK', KEYS[2])
  redis.call('RENAME', KEYS[1], KEYS[2])
end
