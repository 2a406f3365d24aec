-- For wrk: sends one key of a file after the other; the file's name is the argument after "--".
-- Every request is formatted before the load starts; each run begins at another key, so that rounds differ.
local requests = {}
local next_request = 0

function init(args)
  for key in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/api/data", { ["X-API-Key"] = key })
  end
  math.randomseed(os.time())
  next_request = math.random(#requests)
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
