-- Strike off a consumer that holds no entries.  KEYS 1 journal.  ARGV 1 group  2 consumer.  Returns 1 where it is gone.
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then
  return 0
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
