-- POSTs the same form and looks at every answer: wrk -s judged.lua URL -- BODY MARKER
-- One that is no 200, or does not contain the marker, is counted; load.py reads the count.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  wrong = 0
  marker = args[2]
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function response(status, headers, body)
  if status ~= 200 or not body:find(marker, 1, true) then wrong = wrong + 1 end
end

function done()
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("wrong") end
  print("Wrong answers: " .. sum)
end
