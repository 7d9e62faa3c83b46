-- One step on each of many tasks, by one of many volunteers, until the list is used up. A line of the list is
-- token, opaque id, primary key, idempotency key. One thread, so that no line is taken twice.
--
-- BENCH_PATH is where to ask, with TASK for the primary key; BENCH_STEP the body, with ID_ and KEY_ for the opaque id and
-- the idempotency key, or nothing: then the key goes in a header.
local tasks = {}
for line in io.lines(os.getenv("BENCH_LINES")) do
  tasks[#tasks + 1] = line
end
local path, step = os.getenv("BENCH_PATH"), os.getenv("BENCH_STEP")
next_line, answered, refused, lines = 0, 0, 0, #tasks

function request()
  next_line = next_line + 1
  local token, id, primary, key = tasks[math.min(next_line, #tasks)]:match("(%S+) (%S+) (%S+) (%S+)")
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  if step == "" then
    headers["Idempotency-Key"] = key
    return wrk.format("POST", (path:gsub("TASK", primary)), headers, "")
  end
  return wrk.format("POST", path, headers, (step:gsub("ID_", id):gsub("KEY_", key)))
end

function response(status, _, body)
  answered = answered + 1
  -- What is asked again after the end of the list is a replay or a conflict, and not counted.
  if answered <= lines and (status ~= 200 or body:find('"code"', 1, true)) then
    refused = refused + 1
  end
  if answered >= lines then
    wrk.thread:stop()
  end
end

function setup(thread)
  worker = thread
end

function done(summary, latency)
  -- wrk waits for the end of its time whenever the list was used up: no rate can be told.
  -- At the end every connection asks for the last line, and one of them gets it.
  local answered = worker:get("answered")
  local missing = math.max(0, worker:get("lines") - answered)
  local refused = math.max(0, worker:get("refused") - tonumber(os.getenv("BENCH_CONNECTIONS")))
  print(string.format("RESULT %d %d 0 %d %d", answered, missing + refused, latency:percentile(50), latency:percentile(99)))
end
