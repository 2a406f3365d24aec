-- For wrk: asks for /api/service-0/x … /api/service-(N-1)/x in turn; N is the argument after "--".
-- Every request is formatted before the load starts.
local requests = {}
local next_request = 0

function init(args)
  for i = 1, tonumber(args[1]) do
    requests[i] = wrk.format("GET", "/api/service-" .. (i - 1) .. "/x")
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
