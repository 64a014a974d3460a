-- A post was answered, and that was said of the account's budgets. kernel/counted.py (`believed`) does the same in memory.
-- KEYS: heard, on_its_way      ARGV: now (ms), key, longest window (s), most windows, then of each window: its length (s), limit, remaining, its end (ms)
local now, key, window_max, windows_max = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local function whole(number) return string.format('%.0f', number) end

local kept, count, said = {}, 0, {}
for i = 5, #ARGV, 4 do said[ARGV[i]] = true end
local waiting = redis.call('HGET', KEYS[2], key)
local posts = waiting and tonumber(string.match(waiting, '^%d+')) or 0
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  local most, remaining, resets = string.match(known[i + 1], '^(%d+) (%d+) (%d+)$')
  if now < tonumber(resets) + tonumber(known[i]) * 1000 then
    local taken = said[known[i]] and 0 or posts -- what answers of a window has counted the post itself
    kept[known[i]] = {most = tonumber(most), remaining = math.max(0, tonumber(remaining) - taken), resets = tonumber(resets)}
    count = count + 1
  end
end
for i = 5, #ARGV, 4 do
  local window, length = ARGV[i], tonumber(ARGV[i]) * 1000
  if length > 0 and tonumber(window) <= window_max and (kept[window] or count < windows_max) then
    local before = kept[window]
    local new = {most = tonumber(ARGV[i + 1]), remaining = tonumber(ARGV[i + 2]), resets = math.min(tonumber(ARGV[i + 3]), now + length)}
    if before and before.resets > now and before.most == new.most and new.resets <= before.resets + length / 100 then
      new.remaining, new.resets = math.min(before.remaining, new.remaining), math.max(before.resets, new.resets)
    end
    if not before then count = count + 1 end
    kept[window] = new
  end
end
redis.call('HDEL', KEYS[2], key)
redis.call('DEL', KEYS[1])
for window, one in pairs(kept) do redis.call('HSET', KEYS[1], window, whole(one.most) .. ' ' .. whole(one.remaining) .. ' ' .. whole(one.resets)) end
if count > 0 then redis.call('PEXPIRE', KEYS[1], whole(2 * window_max * 1000)) end
return 1
