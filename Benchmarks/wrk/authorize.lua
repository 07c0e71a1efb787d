-- Round trips of a signed-in person: wrk -s authorize.lua URL -- PATH COOKIE AUTHORIZATION HOST REDIRECT_URI
-- Each code that comes back is exchanged next; every second answer is a token.
local codes, first, last = {}, 1, 0
local ask, head, tail = "", "", ""

function init(args)
  ask = "GET " .. args[1] .. " HTTP/1.1\r\nHost: " .. args[4] .. "\r\nCookie: " .. args[2] .. "\r\n\r\n"
  head = "POST /oauth/token HTTP/1.1\r\nHost: " .. args[4] .. "\r\nAuthorization: " .. args[3]
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
  tail = "&redirect_uri=" .. args[5]
end

function request()
  if first > last then return ask end
  local body = "grant_type=authorization_code&code=" .. codes[first] .. tail
  codes[first] = nil
  first = first + 1
  return head .. #body .. "\r\n\r\n" .. body
end

function response(status, headers, body)
  local code = (headers["Location"] or ""):match("[?&]code=([^&]+)")
  if code then
    last = last + 1
    codes[last] = code
  end
end
