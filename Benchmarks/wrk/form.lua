-- POSTs the same form: wrk -s form.lua URL -- BODY [FILE]; with FILE, the access token of every answer goes into it.
function init(args)
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  if args[2] then
    local file = io.open(args[2], "w")
    response = function(status, headers, body)
      local token = body:match('"access_token":"([^"]+)"')
      if token then file:write(token, "\n") end
    end
    done = function() file:close() end
  end
end
