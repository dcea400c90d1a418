-- Health of a wheelhouse.dev Approval for Argo CD.
local hs = { status = "Progressing", message = "Waiting for the operator" }
if obj.status == nil then
  return hs
end
if obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "IdentityVerified" and condition.status == "False" then
      hs.status = "Degraded"
      hs.message = condition.message
      return hs
    end
  end
end
local phase = obj.status.phase
if phase == nil then
  return hs
end
hs.message = phase
if phase == "Pending" then
  -- It waits for a person: no fault, and nothing that goes on by itself.
  hs.status = "Suspended"
  hs.message = "Waits for a decision"
elseif phase == "Approved" or phase == "Consumed" or phase == "Rejected" or phase == "Withdrawn" then
  -- Decided one way or the other: it has done its work.
  hs.status = "Healthy"
  if obj.status.decidedBy ~= nil then
    hs.message = phase .. " by " .. obj.status.decidedBy
  end
elseif phase == "Expired" then
  hs.status = "Degraded"
  hs.message = "Nobody decided in time"
end
return hs
