-- Asks about each token of a list in turn: wrk -s introspect.lua URL -- TOKENS AUTHORIZATION HOST
local requests, next_one = {}, 0

function init(args)
  local head = "POST /oauth/introspect HTTP/1.1\r\nHost: " .. args[3] .. "\r\nAuthorization: " .. args[2]
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
  for line in io.lines(args[1]) do
    local body = "token=" .. line
    requests[#requests + 1] = head .. #body .. "\r\n\r\n" .. body
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end
