-- Append a batch to the journal, all in one step: what is new, is newer and is not a repeat.
--
-- KEYS  1 journal  2 number  3 outages  4 versions  5 closed  6 heard, new  7 heard, old  8 picture  9 picture's head
-- ARGV  1 how many events
--       2 most event ids to remember a generation; 0: these events repeat themselves in another way (pictures)
--       3 revision that the picture must have; '': no picture
--       4 the picture's time  5 its number of complete pictures  6 how many outages to remember  7 how many to forget
--       then of each event: outage key, version, JSON of its areas, JSON of the event;
--       then of each to remember: outage id, what; then the ids to forget
-- Returns of each event '+position' accepted, '=position' duplicate (the position may be unknown: '='), '-' stale;
--         or the one string 'conflict' where the picture has another revision.
--
-- A version (kernel.order.version) is 58 bytes that compare as text: byte 42 is the rank of the status, of which 2 and more
-- are over, and the last 16 bytes are the digest of the event's id.
-- Redis does not roll a script back. So all is read and decided before the first write; that first write is one which Redis
-- refuses (out of memory, read-only, no disk) before it does anything; and once one write was taken, Redis takes the rest.

local JOURNAL, NUMBER, OUTAGES, VERSIONS, CLOSED, NEW, OLD, PICTURE, HEAD =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local count, heard_max, revision = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local FIRST, FIELDS = 8, 4
local CHUNK = 1000 -- Lua's unpack takes no more than about 8,000 values

if revision ~= '' and (redis.call('HGET', HEAD, 'revision') or '0') ~= revision then
  return 'conflict'
end

local function fetch(key, wanted)
  local found = {}
  for from = 1, #wanted, CHUNK do
    local upto = math.min(from + CHUNK - 1, #wanted)
    local values = redis.call('HMGET', key, unpack(wanted, from, upto))
    for i = from, upto do
      found[wanted[i]] = values[i - from + 1] or nil
    end
  end
  return found
end

local function in_chunks(command, key, values)
  for from = 1, #values, CHUNK do
    redis.call(command, key, unpack(values, from, math.min(from + CHUNK - 1, #values)))
  end
end

-- What is known of these outages and event ids.
local keys, digests = {}, {}
for i = 1, count do
  local at = FIRST + (i - 1) * FIELDS
  keys[i] = ARGV[at]
  digests[i] = string.sub(ARGV[at + 1], -16)
end
local known = fetch(VERSIONS, keys)
local heard, heard_before = {}, {}
if heard_max > 0 then
  heard, heard_before = fetch(NEW, digests), fetch(OLD, digests)
end
local version, position, areas = {}, {}, {}
for key, value in pairs(known) do
  local first = string.find(value, ' ', 1, true)
  local second = string.find(value, ' ', first + 1, true)
  version[key] = string.sub(value, 1, first - 1)
  position[key] = string.sub(value, first + 1, second - 1)
  areas[key] = string.sub(value, second + 1)
end

-- Write. Each event sees what the ones before it in this batch did.
local number = tonumber(redis.call('GET', NUMBER) or '0')
local answers, changed, remembered = {}, {}, {}
for i = 1, count do
  local at = FIRST + (i - 1) * FIELDS
  local key, its_version, digest = keys[i], ARGV[at + 1], digests[i]
  local repeated = heard[digest] or heard_before[digest]
  if repeated then
    answers[i] = '=' .. repeated
  elseif version[key] == its_version then
    answers[i] = '=' .. position[key]
  elseif version[key] and its_version < version[key] then
    answers[i] = '-'
  else
    number = number + 1
    local id = redis.call('XADD', JOURNAL, '*', 'n', number, 'k', key, 'was', areas[key] or '[]', 'now', ARGV[at + 2], 'e', ARGV[at + 3])
    version[key], position[key], areas[key], changed[key] = its_version, id, ARGV[at + 2], at
    if heard_max > 0 then
      heard[digest] = id
      remembered[#remembered + 1] = digest
      remembered[#remembered + 1] = id
    end
    answers[i] = '+' .. id
  end
end

-- The state after the batch: of each outage only its last event counts.
local open, over, versions, closed, reopened = {}, {}, {}, {}, {}
for i = 1, count do
  local key = keys[i]
  local at = changed[key]
  if at then
    changed[key] = nil
    versions[#versions + 1] = key
    versions[#versions + 1] = version[key] .. ' ' .. position[key] .. ' ' .. areas[key]
    if string.byte(version[key], 42) < string.byte('2') then
      open[#open + 1] = key
      open[#open + 1] = ARGV[at + 3]
      reopened[#reopened + 1] = key
    else
      over[#over + 1] = key
      closed[#closed + 1] = string.match(position[key], '^%d+')
      closed[#closed + 1] = key
    end
  end
end
if #versions > 0 then
  redis.call('SET', NUMBER, string.format('%.0f', number))
end
in_chunks('HSET', VERSIONS, versions)
in_chunks('HSET', OUTAGES, open)
in_chunks('HDEL', OUTAGES, over)
in_chunks('ZADD', CLOSED, closed)
in_chunks('ZREM', CLOSED, reopened)
in_chunks('HSET', NEW, remembered)
if #remembered > 0 and redis.call('HLEN', NEW) > heard_max then
  redis.call('UNLINK', OLD)
  redis.call('RENAME', NEW, OLD)
end

if revision ~= '' then
  redis.call('HSET', HEAD, 'revision', string.format('%.0f', tonumber(revision) + 1), 'observed_at', ARGV[4], 'complete', ARGV[5])
  local at = FIRST + count * FIELDS
  local remember, forget = {}, {}
  for i = 0, 2 * tonumber(ARGV[6]) - 1 do
    remember[i + 1] = ARGV[at + i]
  end
  at = at + 2 * tonumber(ARGV[6])
  for i = 0, tonumber(ARGV[7]) - 1 do
    forget[i + 1] = ARGV[at + i]
  end
  in_chunks('HSET', PICTURE, remember)
  in_chunks('HDEL', PICTURE, forget)
end
return answers
