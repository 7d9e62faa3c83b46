-- Everybody claims one of a few visits at the same time, and tries others when it is gone. One thread.
local function lines(name)
  local found = {}
  for line in io.lines(os.getenv(name)) do
    found[#found + 1] = line
  end
  return found
end

local tokens, visits, tries = lines("BENCH_TOKENS"), lines("BENCH_VISITS"), tonumber(os.getenv("BENCH_TRIES"))
local asked = 0
answered, claimed, taken, limited, shed, other = 0, 0, 0, 0, 0, 0

function request()
  local token = tokens[asked % #tokens + 1]
  -- Another visit at every try, and every visit as often as all others.
  local visit = visits[(asked + math.floor(asked / #tokens)) % #visits + 1]
  asked = asked + 1
  local body = '{"query":"mutation C($t: ID!) { claimVisitTask(input: {visitTaskId: $t}) { visitTask { id status } '
    .. 'userErrors { code } } }","variables":{"t":"' .. visit .. '"}}'
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/graphql", headers, body)
end

function response(status, _, body)
  answered = answered + 1
  if answered > #tokens * tries then
    return
  elseif status == 503 then
    shed = shed + 1
  elseif body:find('"userErrors":[]', 1, true) then
    claimed = claimed + 1
  elseif body:find("ALREADY_CLAIMED", 1, true) then
    taken = taken + 1
  elseif body:find("CLAIM_LIMIT", 1, true) then
    limited = limited + 1
  else
    other = other + 1
  end
  if answered == #tokens * tries then
    wrk.thread:stop()
  end
end

function setup(thread)
  worker = thread
end

function done(summary, latency)
  local function of(name) return worker:get(name) end
  print(string.format("%d claims in %.2f s: %d claimed, %d already claimed, %d at their limit, %d sent away, %d other; "
    .. "p50 %.0f ms, p99 %.0f ms, longest %.0f ms", of("answered"), summary.duration / 1e6, of("claimed"), of("taken"),
    of("limited"), of("shed"), of("other"), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
