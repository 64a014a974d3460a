-- Remember what came of a poll, unless another has claimed its source since. See polls_redis.py.
-- KEYS: polls_due, polls      ARGV: source, until when it was claimed, when it is due again, its state's JSON
local claimed = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not claimed or tonumber(claimed) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
