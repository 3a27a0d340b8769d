-- Single captures: 100 partners of very different size, a few campaigns and pages, a query that never repeats.
local count = 0
local headers = {
  ["Content-Type"] = "application/json",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
}

request = function()
  count = count + 1
  local partner = math.floor(100 * math.random() * math.random())
  local body = string.format(
    '{"referrer":"p%d","campaign":"c%d","landingPage":"/l%d?x=%d","sessionId":"s%d"}',
    partner, math.random(3), math.random(3), count, count)
  return wrk.format("POST", "/api/tracking/capture", headers, body)
end
