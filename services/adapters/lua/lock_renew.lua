-- Keep a lock for longer, where it is still ours.  KEYS 1 lock.  ARGV 1 our token  2 for how long (ms).
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
