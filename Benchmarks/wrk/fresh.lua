-- GET /verify with the next token of a list each time: wrk -s fresh.lua URL -- TOKENS FORWARDED_URI HOST
local tokens, count, at, head, tail = {}, 0, 0, "", ""

function init(args)
  for line in io.lines(args[1]) do
    count = count + 1
    tokens[count] = line
  end
  head = "GET /verify HTTP/1.1\r\nHost: " .. args[3] .. "\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: " .. args[2] .. "\r\nAuthorization: Bearer "
  tail = "\r\n\r\n"
end

function request()
  at = at % count + 1
  return head .. tokens[at] .. tail
end
