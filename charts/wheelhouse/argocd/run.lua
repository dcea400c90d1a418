-- Health of a wheelhouse.dev Run for Argo CD.
local hs = { status = "Progressing", message = "Waiting for the operator" }
if obj.status == nil or obj.status.phase == nil then
  return hs
end
local phase = obj.status.phase
hs.message = phase
if obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Accepted" and condition.status == "False" then
      hs.status = "Degraded"
      hs.message = condition.message
      return hs
    end
    if condition.type == "Succeeded" and condition.status ~= "Unknown" and condition.message ~= nil then
      hs.message = condition.message
    end
  end
end
if phase == "Succeeded" then
  hs.status = "Healthy"
elseif phase == "Failed" then
  hs.status = "Degraded"
elseif phase == "Cancelled" then
  -- Somebody ended it on purpose.
  hs.status = "Suspended"
elseif phase == "Waiting" then
  hs.status = "Suspended"
  if obj.status.waitingFor ~= nil and obj.status.waitingFor.summary ~= nil then
    hs.message = obj.status.waitingFor.summary
  end
end
return hs
