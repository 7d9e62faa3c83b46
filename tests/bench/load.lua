-- One request again and again: its body and token come from files.
local function read(name)
  local file = assert(io.open(os.getenv(name), "r"))
  local text = file:read("*a")
  file:close()
  return (text:gsub("\n$", ""))
end

wrk.headers["Authorization"] = "Bearer " .. read("BENCH_TOKEN")
if os.getenv("BENCH_BODY") ~= "" then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/graphql-response+json"
  wrk.body = read("BENCH_BODY")
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("RESULT %d %d %d %d %d", summary.requests, failed, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
