-- Health of a wheelhouse.dev Schedule for Argo CD.
local hs = { status = "Progressing", message = "Waiting for the operator" }
if obj.status == nil or obj.status.conditions == nil then
  return hs
end
if obj.status.observedGeneration ~= nil and obj.metadata.generation ~= nil
    and obj.status.observedGeneration < obj.metadata.generation then
  hs.message = "The operator has not seen the last change yet"
  return hs
end
local ready, suspended, complete
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Ready" then
    ready = condition
  elseif condition.type == "Suspended" then
    suspended = condition
  elseif condition.type == "Complete" then
    complete = condition
  end
end
-- Stopped by repeated failures is a fault; suspended by its spec is a wish.
if ready ~= nil and ready.status == "False" then
  hs.status = "Degraded"
  hs.message = ready.message
  if ready.reason == "RepeatedFailures" and suspended ~= nil then
    hs.message = suspended.message
  end
elseif suspended ~= nil and suspended.status == "True" then
  hs.status = "Suspended"
  hs.message = suspended.message
elseif complete ~= nil and complete.status == "True" then
  hs.status = "Healthy"
  hs.message = complete.message
elseif ready ~= nil and ready.status == "True" then
  hs.status = "Healthy"
  hs.message = "Next at " .. (obj.status.nextScheduleTime or "no time")
end
return hs
