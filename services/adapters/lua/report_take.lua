-- Take one report, unless it was said before, or there are too many. See reports_redis.py.
-- KEYS: the kind's stream, the mark of what was said before, the minute's count of this asker, the minute's count of all
-- ARGV: how long the mark holds (ms; 0: no mark), most a minute of this asker, of all, most reports kept, how long (ms), the report's JSON, now (ms)
-- Answers 'accepted', 'duplicate' or 'rejected'
if ARGV[1] ~= '0' and redis.call('EXISTS', KEYS[2]) == 1 then return 'duplicate' end
for place = 3, 4 do
  if tonumber(redis.call('GET', KEYS[place]) or 0) >= tonumber(ARGV[place - 1]) then return 'rejected' end
end
for place = 3, 4 do
  redis.call('INCR', KEYS[place])
  redis.call('PEXPIRE', KEYS[place], 120000)
end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[4], '*', 'r', ARGV[6])
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', math.max(0, tonumber(ARGV[7]) - tonumber(ARGV[5]))))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if ARGV[1] ~= '0' then redis.call('SET', KEYS[2], '1', 'PX', ARGV[1]) end
return 'accepted'
