-- Batches of 100 captures by an API key (KEY), each with its visitor's address.
local count = 0
local headers = { ["Content-Type"] = "application/json", ["X-Api-Key"] = os.getenv("KEY") }
local agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"

request = function()
  local events = {}
  for number = 1, 100 do
    count = count + 1
    events[number] = string.format(
      '{"referrer":"p%d","campaign":"c%d","landingPage":"/l%d?x=%d","userAgent":"%s","clientIp":"10.%d.%d.1"}',
      math.floor(100 * math.random() * math.random()), math.random(3), math.random(3), count, agent,
      math.random(0, 255), math.random(0, 255))
  end
  return wrk.format("POST", "/api/tracking/capture/batch", headers, '{"events":[' .. table.concat(events, ",") .. "]}")
end
