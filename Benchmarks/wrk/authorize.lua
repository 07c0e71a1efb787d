-- Round trips of people who are signed in: wrk -s authorize.lua URL -- PATH COOKIES AUTHORIZATION HOST REDIRECT_URI
-- One cookie a line of the file COOKIES, a session each: two codes of one session are made one after the other.
-- Each code that comes back is exchanged next; every second answer is a token.
local codes, first, last = {}, 1, 0
local asks, turn, head, tail = {}, 0, "", ""

function init(args)
  for cookie in io.lines(args[2]) do
    asks[#asks + 1] = "GET " .. args[1] .. " HTTP/1.1\r\nHost: " .. args[4] .. "\r\nCookie: " .. cookie .. "\r\n\r\n"
  end
  head = "POST /oauth/token HTTP/1.1\r\nHost: " .. args[4] .. "\r\nAuthorization: " .. args[3]
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
  tail = "&redirect_uri=" .. args[5]
end

function request()
  if first > last then
    turn = turn % #asks + 1
    return asks[turn]
  end
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
