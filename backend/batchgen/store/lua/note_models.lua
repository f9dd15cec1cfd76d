-- note_models: what a probe or a call found of some models of one provider
-- KEYS 1 states 2 the last probe  ARGV 1 now|'' 2 provider 3 evidence probe|call 4 json {model: present|gone|unknown}
-- An unknown leaves what is known. A call's word is soon checked by a probe.
-- returns {model that changed, its state, ...}
local now, changed = now_ms(ARGV[1]), {}
for model, found in pairs(cjson.decode(ARGV[4])) do
  local field = ARGV[2] .. '/' .. model
  local held = redis.call('HGET', KEYS[1], field)
  local was = held and cjson.decode(held) or {}
  if found ~= 'unknown' then
    local since = was.state == found and was.since_ms or now
    if was.state ~= found then changed[#changed + 1], changed[#changed + 2] = model, found end
    local evidence = was.state == found and was.evidence == 'probe' and 'probe' or ARGV[3]
    local text = '{"state":"%s","evidence":"%s","since_ms":%d,"checked_ms":%d}'
    redis.call('HSET', KEYS[1], field, string.format(text, found, evidence, since, now))
  end
end
if ARGV[3] == 'call' and #changed > 0 then redis.call('HSET', KEYS[2], 'hurry', 1) end
return changed
