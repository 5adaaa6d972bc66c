-- single refunds over REST, each of another pair from FIRST on; says at the end how many were not answered with their outcome
local pair = tonumber(os.getenv("FIRST"))
local threads = {}
wrk.headers["Content-Type"] = "application/json"

function setup(thread)
  table.insert(threads, thread)
end

function init()
  unanswered = 0
end

function request()
  pair = pair + 1
  return wrk.format("POST", nil, nil, string.format('{"referenceid":"%.0f","ackno":"1"}', pair))
end

function response(status)
  if status ~= 200 then unanswered = unanswered + 1 end
end

function done()
  for _, thread in ipairs(threads) do io.write("unanswered ", thread:get("unanswered"), "\n") end
end
