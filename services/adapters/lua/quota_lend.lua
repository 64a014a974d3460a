-- Lend a source tokens: all that is needed from each of its limits at once, or nothing from any. kernel/quota.py does the same in memory.
-- KEYS: the bucket (hash: level, at), the day's count
-- ARGV: now (ms), tokens a second (0: no limit), what the bucket holds, tokens a day (0: no limit), ms left of the day, need, wish
-- Answers tokens, the limit that was hit ('', 'rate' or 'day'), how long to wait (ms), what is left
local now, per_s, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local per_day, day_left, need, wish = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local ROUNDING = 1e-9

local tokens, level, at, spent = math.max(need, wish), burst, now, 0
if per_s > 0 then
  local held = redis.call('HMGET', KEYS[1], 'level', 'at')
  if held[1] then
    at = math.max(now, tonumber(held[2])) -- processes' clocks differ: time that has passed for one doesn't pass again for another
    level = math.min(burst, tonumber(held[1]) + (at - tonumber(held[2])) * per_s / 1000)
  end
  local least = math.min(need, burst)
  if level + ROUNDING < least then
    return {0, 'rate', math.ceil((least - level) * 1000 / per_s), math.max(0, math.floor(level))}
  end
  tokens = math.max(need, math.min(tokens, math.floor(level + ROUNDING)))
end
if per_day > 0 then
  spent = tonumber(redis.call('GET', KEYS[2]) or 0)
  if per_day - spent < math.min(need, per_day) then
    return {0, 'day', day_left, math.max(0, per_day - spent)}
  end
  tokens = math.max(need, math.min(tokens, per_day - spent))
  redis.call('SET', KEYS[2], string.format('%.0f', spent + tokens), 'PX', string.format('%.0f', day_left + 3600000))
end
if per_s > 0 then
  level = level - tokens
  redis.call('HSET', KEYS[1], 'level', string.format('%.17g', level), 'at', string.format('%.0f', at))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((burst - level) * 1000 / per_s) + 1000)) -- then it is full, as one that isn't there
end
return {tokens, '', 0, 0}
