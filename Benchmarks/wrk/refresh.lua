-- Rotates chains of refresh tokens: wrk -s refresh.lua URL -- TOKENS AUTHORIZATION HOST [PATH]
-- Each answer's token is the next one presented, so there are never more requests under way than chains.
local waiting, first, last = {}, 1, 0
local head = ""

function init(args)
  for line in io.lines(args[1]) do
    last = last + 1
    waiting[last] = line
  end
  head = "POST " .. (args[4] or "/oauth/token") .. " HTTP/1.1\r\nHost: " .. args[3] .. "\r\nAuthorization: " .. args[2]
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
end

function request()
  local body = "grant_type=refresh_token&refresh_token=" .. (waiting[first] or "none-left")
  waiting[first] = nil
  first = first + 1
  return head .. #body .. "\r\n\r\n" .. body
end

function response(status, headers, body)
  local token = body:match('"refresh_token":%s*"([^"]+)"')
  if token then
    last = last + 1
    waiting[last] = token
  end
end
