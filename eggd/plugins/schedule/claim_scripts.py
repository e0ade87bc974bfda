"""The steps of a claim as Lua scripts, which Redis runs one at a time and whole.

KEYS[1]  hash of one job: a field for each of its last ticks, with the claim as JSON, and
         `floor` (ticks up to it are over) and `token` (the last fencing token)
KEYS[2]  list of the job's last runs as JSON, newest first

The time is that of the server: the clocks of the hosts decide nothing here. A token is greater than
every token of the job before, and at least the server's time in units of 100 us (cjson writes 14
digits), so that it also rises after the server has lost its data.
"""

from __future__ import annotations

KEPT_TICKS = 100
"""Ticks that a job remembers; earlier ones are over. As many claims may be open at once."""
KEPT_RUNS = 50
"""Runs in the list of a job."""
MOST_ATTEMPTS = 5
"""Hosts that take over a tick one after the other: a job that kills its worker is not repeated for
ever."""
KEPT_DAYS = 400
"""Days without a tick after which a job is forgotten."""

_COMMON = f"""
local key, runs = KEYS[1], KEYS[2]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function read(tick)
    local text = redis.call('HGET', key, tick)
    return text and cjson.decode(text)
end
local function write(tick, claim)
    redis.call('HSET', key, tick, cjson.encode(claim))
    redis.call('PEXPIRE', key, {KEPT_DAYS * 86_400_000})
end
local function record(run)
    redis.call('LPUSH', runs, cjson.encode(run))
    redis.call('LTRIM', runs, 0, {KEPT_RUNS - 1})
    redis.call('PEXPIRE', runs, {KEPT_DAYS * 86_400_000})
end
local function fail(tick, claim)
    claim.state = 'done'
    write(tick, claim)
    record({{tick = tonumber(tick), host = claim.host, token = claim.token, outcome = 'lost',
            at = now / 1000}})
end
"""

CLAIM = (
    _COMMON
    + f"""
local tick, request, host, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local again, alone = ARGV[5] == 'least_once', ARGV[6] == 'skip'
local claim, attempts, open = read(tick), 0, 0
if claim then
    if claim.state == 'done' then return cjson.encode({{'done', 0, 0}}) end
    if claim.request == request and claim.expires > now then
        return cjson.encode({{'granted', claim.token, 0}})
    end
    if claim.expires > now or not again then return cjson.encode({{'open', 0, 1}}) end
    attempts = claim.attempts
    if attempts >= {MOST_ATTEMPTS} then
        fail(tick, claim)
        return cjson.encode({{'spent', 0, 0}})
    end
else
    local floor = tonumber(redis.call('HGET', key, 'floor') or '-1')
    if tonumber(tick) <= floor then return cjson.encode({{'done', 0, 0}}) end
    local all, over, busy = redis.call('HGETALL', key), {{}}, false
    for i = 1, #all, 2 do
        local number = tonumber(all[i])
        if number then
            local other = cjson.decode(all[i + 1])
            if other.state == 'done' then
                over[#over + 1] = number
            else
                open, busy = open + 1, busy or other.expires > now
            end
        end
    end
    if (alone and busy) or open >= {KEPT_TICKS} then return cjson.encode({{'busy', 0, open}}) end
    table.sort(over)
    for i = 1, #over + open - {KEPT_TICKS - 1} do
        if over[i] then
            redis.call('HDEL', key, string.format('%.0f', over[i]))
            floor = math.max(floor, over[i])
        end
    end
    redis.call('HSET', key, 'floor', string.format('%.0f', floor))
end
local clock = t[1] * 10000 + math.floor(t[2] / 100)
local token = math.max(clock, tonumber(redis.call('HGET', key, 'token') or '0') + 1)
redis.call('HSET', key, 'token', string.format('%.0f', token))
write(tick, {{state = 'open', token = token, request = request, host = host,
             expires = now + lease, attempts = attempts + 1}})
return cjson.encode({{'granted', token, open}})
"""
)
"""ARGV: tick, id of the request, host, lease in ms, `at`, `overlap`.

Returns [outcome, token, other claims that are open]. The outcome is "granted"; "open": another host
runs it; "done": it is over; "busy": the tick is to be left out; "spent": MOST_ATTEMPTS hosts have
ended during it. A request that is repeated, as its
answer was lost, has the same outcome."""

EXTEND = (
    _COMMON
    + """
local tick, token, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local claim = read(tick)
if not claim or claim.state ~= 'open' or claim.token ~= token then return cjson.encode({false}) end
claim.expires = now + lease
write(tick, claim)
return cjson.encode({true})
"""
)
"""ARGV: tick, token, lease in ms. Returns [whether the claim still is that of the token]."""

FINISH = (
    _COMMON
    + """
local tick, token = ARGV[1], tonumber(ARGV[2])
local claim, run = read(tick), cjson.decode(ARGV[3])
local held = claim and claim.state == 'open' and claim.token == token
if held then
    claim.state = 'done'
    write(tick, claim)
else
    run.outcome = 'late'
end
run.at = now / 1000
record(run)
return cjson.encode({held and true or false})
"""
)
"""ARGV: tick, token, the run as JSON. Returns [whether the claim was that of the token]."""

GIVE_BACK = (
    _COMMON
    + """
local tick, token = ARGV[1], tonumber(ARGV[2])
local claim = read(tick)
if claim and claim.state == 'open' then
    claim.attempts = math.max(0, claim.attempts - 1)
    if claim.token == token then claim.expires = math.min(claim.expires, now) end
    write(tick, claim)
end
return '[]'
"""
)
"""ARGV: tick, token. A run that never began does not count as one of MOST_ATTEMPTS, also if another
host has taken the tick over meanwhile; if the claim is still that of the token, it is over now."""

REVIEW = (
    _COMMON
    + """
local again, all, found = ARGV[1] == 'least_once', redis.call('HGETALL', key), {}
for i = 1, #all, 2 do
    if tonumber(all[i]) then
        local claim = cjson.decode(all[i + 1])
        if claim.state == 'open' then
            local left = claim.expires - now
            local kind = left > 0 and 'open' or again and 'expired' or 'lost'
            if kind == 'lost' then fail(all[i], claim) end
            found[#found + 1] = {kind, tonumber(all[i]), left, claim.host}
        end
    end
end
return #found > 0 and cjson.encode(found) or '[]'
"""
)
"""ARGV: `at`. Returns [kind, tick, ms left, host] of each open claim: "open", "expired", or "lost",
which is the answer to one host only."""

RUNS = "return redis.call('LRANGE', KEYS[1], 0, ARGV[1])"
"""KEYS[1]: the list of the runs; ARGV: the last index. Returns the runs."""
