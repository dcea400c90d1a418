# Part of policies.sh: every way to forge a decision that we could think of, tried by people and machines.
# shellcheck shell=bash disable=SC2154 # its variables are those of policies.sh
echo "# approvals"
approver=(--as=bob --as-group=system:authenticated)
lead=(--as=carol --as-group=leads --as-group=system:authenticated)
outsider=(--as=dan --as-group=system:authenticated)        # may change Approvals, not decide
bot=(--as="system:serviceaccount:$NS:somebody" --as-group=system:serviceaccounts --as-group=system:authenticated)
for user in amy bob carol; do
  kubectl -n "$NS" create rolebinding "approver-$user" --clusterrole=wheelhouse-approver --user="$user" >/dev/null
done
kubectl -n "$NS" create rolebinding approver-bot --clusterrole=wheelhouse-approver --serviceaccount="$NS:somebody" >/dev/null
kubectl -n "$NS" create role all-but-approve --verb=get,list,create,patch,update,delete --resource=approvals.wheelhouse.dev,approvals.wheelhouse.dev/status >/dev/null
for user in dan eve; do kubectl -n "$NS" create rolebinding "all-$user" --role=all-but-approve --user="$user" >/dev/null; done
kubectl -n "$NS" create rolebinding all-bot --role=all-but-approve --serviceaccount="$NS:somebody" >/dev/null

uid=$(ask get run.wheelhouse.dev r1 -o 'jsonpath={.metadata.uid}')
hash=sha256:$(printf 'a%.0s' {1..64})
# approval NAME [REQUEST-FIELDS] [SPEC-FIELDS] [OWNER-UID] [LABEL]
approval() {
  cat <<Y
apiVersion: wheelhouse.dev/v1alpha1
kind: Approval
metadata:
  name: $1
  namespace: $NS
  labels: {wheelhouse.dev/run-uid: "${5:-$uid}"}
  ownerReferences: [{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, name: r1, uid: "${4:-$uid}", controller: true}]
spec:
  request: {kind: ToolCall, run: {name: r1, uid: "$uid"}, callId: c1, tool: {server: s, name: pay}, summary: pay 5 to x,
    arguments: '{"amount":5}', risk: High, requester: amy, excludedApprovers: [amy], quorum: 1, rejectQuorum: 1,
    verdicts: [Approve, Reject, Edit], expiresAt: "2099-01-01T00:00:00Z", onExpiry: Reject, nonce: "12345678",
    payloadHash: "$hash"${2:+, $2}}
  ${3:-}
Y
}
decide() { echo patch approval "${3:-a1}" --type=merge -p "{\"spec\":{\"decisions\":{\"$1\":{\"verdict\":\"${2:-Approve}\"${4:-}}}}}" --dry-run=server; }
status_of() { # NAME STATUS-AS-JSON: a locked PUT of the status
  local version; version=$(ask get approval "$1" -o 'jsonpath={.metadata.resourceVersion}')
  echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: Approval, metadata: {name: $1, namespace: $NS, resourceVersion: \"$version\"}, status: $2}" > "$scratch/$1.json"
}
put_status() { echo replace --subresource=status --validate=false "${dry[@]}" -f "$scratch/$1.json"; }
set_status() { status_of "$1" "$2"; ask "${operator[@]}" replace --subresource=status --validate=false -f "$scratch/$1.json" >/dev/null || failed "status of $1"; }

# Who asks.
approval a1 | allowed "the runtime asks" "${runtime[@]}" create -f -
approval a2 | refused "an editor asks" "are made by the runtime pods" "${outsider[@]}" create "${dry[@]}" -f -
approval a2 | refused "an approver asks" "cannot create resource|are made by the runtime pods" "${approver[@]}" create "${dry[@]}" -f -
approval a2 | refused "a cluster admin asks" "are made by the runtime pods" "${admin[@]}" create "${dry[@]}" -f -
approval a2 | refused "the operator asks" "cannot create resource|are made by the runtime pods" "${operator[@]}" create "${dry[@]}" -f -
approval a2 | refused "an impersonated runtime asks" "are made by the runtime pods" "${pretender[@]}" create "${dry[@]}" -f -
approval a2 '' 'decisions: {bob: {verdict: Approve}}' | refused "a cluster admin makes a decided one" "are made by the runtime pods" "${admin[@]}" create "${dry[@]}" -f -
approval a2 '' 'decisions: {bob: {verdict: Approve}}' | refused "a runtime makes a decided one" "begins without decisions" "${runtime[@]}" create "${dry[@]}" -f -
approval a2 '' '' uid-of-another | refused "a runtime asks for another run" "is owned by the Run that it names" "${runtime[@]}" create "${dry[@]}" -f -
approval a2 '' '' '' uid-of-another | refused "a runtime labels it as another run's" "carries that Run's UID" "${runtime[@]}" create "${dry[@]}" -f -
approval a2 'excludedApprovers: []' | sed 's/excludedApprovers: \[amy\], //' | refused "a runtime lets the requester decide" "must name the requester" "${runtime[@]}" create "${dry[@]}" -f -

# Who decides.
allowed "an approver approves" "${approver[@]}" $(decide bob)
allowed "an approver rejects" "${approver[@]}" $(decide bob Reject)
refused "in another's name" "must be bob, not carol" "${approver[@]}" $(decide carol)
refused "in one's own and another's name" "must be bob, not carol" "${approver[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":{"bob":{"verdict":"Approve"},"carol":{"verdict":"Approve"}}}}' "${dry[@]}"
refused "a cluster admin in another's name" "must be .*, not bob" "${admin[@]}" $(decide bob)
refused "the requester" "asked for the run or edited the call" "${author[@]}" $(decide amy)
refused "the requester in another's name" "must be amy, not bob" "${author[@]}" $(decide bob)
refused "without the verb approve" "lacks the verb approve" "${outsider[@]}" $(decide dan)
refused "with the stock role edit" "lacks the verb approve" "${editor[@]}" $(decide eve)
refused "a service account" "people decide this one" "${bot[@]}" $(decide "system:serviceaccount:$NS:somebody")
refused "the operator" "carry decisions out" "${operator[@]}" $(decide "system:serviceaccount:$operator_ns:wheelhouse-operator")
refused "the operator in another's name" "wheelhouse-approval-decisions.* you decide in your own name only" "${operator[@]}" $(decide bob)
refused "a runtime" "cannot patch resource" "${runtime[@]}" $(decide "system:serviceaccount:$NS:wheelhouse-runtime")
refused "a verdict that is not offered" "verdict is not allowed" "${approver[@]}" $(decide bob Happened)
refused "an edit without arguments" "arguments belong to verdict 'Edit'" "${approver[@]}" $(decide bob Edit)
refused "an approval with arguments" "arguments belong to verdict 'Edit'" "${approver[@]}" $(decide bob Approve a1 ',"arguments":"{}"')
allowed "with the hash that was seen" "${approver[@]}" $(decide bob Approve a1 ",\"payloadHash\":\"$hash\"")
refused "with the hash of something else" "you looked at another one" "${approver[@]}" $(decide bob Approve a1 ",\"payloadHash\":\"sha256:${hash:7:63}b\"")
if kubectl get mutatingadmissionpolicies wheelhouse-approval-me >/dev/null 2>&1; then
  named=$(ask "${approver[@]}" $(decide me) -o 'jsonpath={.spec.decisions}')
  if grep -q '"bob"' <<<"$named" && ! grep -q '"me"' <<<"$named"; then echo "ok    the key me becomes the name"; else failed "the key me: $named"; fi
  refused "the requester as me" "asked for the run or edited the call" "${author[@]}" $(decide me)
else
  refused "the key me where the cluster cannot fill in a name" "must be bob, not me" "${approver[@]}" $(decide me)
fi

# What is decided about.
request() { echo patch approval a1 --type=merge -p "{\"spec\":{\"request\":{$1}}}" --dry-run=server; }
for change in '"arguments":"{\"amount\":9}"' "\"payloadHash\":\"sha256:${hash:7:63}c\"" '"excludedApprovers":[]' '"excludedApprovers":null' '"requester":null' '"quorum":2' '"approverGroups":["dans"]' '"allowServiceAccounts":true' '"expiresAt":"2099-02-01T00:00:00Z"' '"verdicts":["Approve","Respond"]'; do
  refused "an approver changes ${change:0:24}" "spec.request is immutable" "${approver[@]}" $(request "$change")
done
refused "a cluster admin changes the arguments" "spec.request is immutable" "${admin[@]}" $(request '"quorum":3')
refused "the operator changes the arguments" "spec.request is immutable" "${operator[@]}" $(request '"quorum":3')
refused "changing and approving at once" "spec.request is immutable" "${approver[@]}" patch approval a1 --type=merge -p '{"spec":{"request":{"quorum":2},"decisions":{"bob":{"verdict":"Approve"}}}}' "${dry[@]}"
refused "cutting it off its run" "tie an Approval to its Run" "${approver[@]}" patch approval a1 --type=merge -p '{"metadata":{"ownerReferences":null}}' "${dry[@]}"
refused "giving it to another run" "tie an Approval to its Run" "${approver[@]}" label approval a1 wheelhouse.dev/run-uid=x --overwrite "${dry[@]}"
refused "making it undeletable" "tie an Approval to its Run" "${approver[@]}" patch approval a1 --type=merge -p '{"metadata":{"finalizers":["example.org/x"]}}' "${dry[@]}"

# Decisions that were made.
ask "${lead[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":{"carol":{"verdict":"Reject","reason":"no"}}}}' >/dev/null || failed "carol decides"
refused "changing one's mind" "a decision stays as it was made: carol" "${lead[@]}" $(decide carol)
refused "changing one's reason" "a decision stays as it was made: carol" "${lead[@]}" $(decide carol Reject a1 ',"reason":"yes"')
refused "removing one's own" "a decision stays as it was made: carol" "${lead[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":{"carol":null}}}' "${dry[@]}"
refused "removing another's" "a decision stays as it was made: carol" "${approver[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":{"carol":null}}}' "${dry[@]}"
refused "removing all" "a decision stays as it was made: carol" "${admin[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":null}}' "${dry[@]}"
refused "changing another's" "must be bob, not carol" "${approver[@]}" $(decide carol)
refused "replacing another's by one's own" "a decision stays as it was made: carol" "${approver[@]}" patch approval a1 --type=merge -p '{"spec":{"decisions":{"carol":null,"bob":{"verdict":"Approve"}}}}' "${dry[@]}"
allowed "adding one's own to another's" "${approver[@]}" $(decide bob)
set_status a1 '{"phase": "Pending", "invalidDecisions": {"carol": "amount must be a number"}}'
allowed "replacing one's own that does not fit" "${lead[@]}" $(decide carol Reject a1 ',"reason":"yes"')
refused "another replaces it" "must be bob, not carol" "${approver[@]}" $(decide carol)

# Groups, and time.
approval g1 'approverGroups: [leads], escalationGroups: [chiefs]' | allowed "the runtime asks a group" "${runtime[@]}" create -f -
allowed "somebody of the group" "${lead[@]}" $(decide carol Approve g1)
refused "somebody of no group" "in none of the groups that may decide this one: leads" "${approver[@]}" $(decide bob Approve g1)
refused "a chief before escalation" "in none of the groups" "${approver[@]}" --as-group=chiefs $(decide bob Approve g1)
set_status g1 '{"phase": "Pending", "escalated": true}'
allowed "a chief after escalation" "${approver[@]}" --as-group=chiefs $(decide bob Approve g1)
approval s1 'allowServiceAccounts: true' | allowed "the runtime lets service accounts decide" "${runtime[@]}" create -f -
allowed "a service account, where the rule lets it" "${bot[@]}" $(decide "system:serviceaccount:$NS:somebody" Approve s1)
for phase in Rejected Expired Withdrawn; do
  name=p-${phase,,}
  approval "$name" | allowed "the runtime asks again" "${runtime[@]}" create -f -
  set_status "$name" "{\"phase\": \"$phase\"}"
  refused "deciding one that is $phase" "already $phase" "${approver[@]}" $(decide bob Approve "$name")
  refused "the operator brings $phase back" "a decided Approval stays decided" "${operator[@]}" $(status_of "$name" '{"phase": "Approved"}'; put_status "$name")
  refused "the operator makes $phase undecided" "a decided Approval stays decided" "${operator[@]}" $(status_of "$name" '{}'; put_status "$name")
done

# Statuses.
status_of a1 '{"phase": "Approved", "verdict": "Approve", "decidedBy": "bob"}'
allowed "the operator settles" "${operator[@]}" $(put_status a1)
refused "a runtime settles" "it does not make it Approved from Pending" "${runtime[@]}" $(put_status a1)
refused "a cluster admin settles" "written by the Wheelhouse operator and the runtime pods" "${admin[@]}" $(put_status a1)
refused "an approver settles" "cannot (update|patch) resource|written by the Wheelhouse operator" "${approver[@]}" $(put_status a1)
refused "an editor settles" "written by the Wheelhouse operator" "${editor[@]}" $(put_status a1)
refused "an impersonated runtime settles" "written by the Wheelhouse operator" "${pretender[@]}" $(put_status a1)
status_of a1 '{"phase": "Consumed", "consumedBy": {"epoch": 1}}'
refused "the operator uses it up" "never uses one up" "${operator[@]}" $(put_status a1)
refused "a runtime uses up an undecided one" "it does not make it Consumed from Pending" "${runtime[@]}" $(put_status a1)
set_status a1 '{"phase": "Approved", "verdict": "Approve", "decidedBy": "bob"}'
refused "deciding an approved one" "already Approved" "${approver[@]}" $(decide bob)
status_of a1 '{"phase": "Consumed", "verdict": "Approve", "decidedBy": "bob", "consumedBy": {"epoch": 1}}'
allowed "a runtime uses up an approved one" "${runtime[@]}" $(put_status a1)
status_of a1 '{"phase": "Consumed", "verdict": "Approve", "decidedBy": "carol", "consumedBy": {"epoch": 1}}'
refused "a runtime says that another decided" "is said by the operator" "${runtime[@]}" $(put_status a1)
status_of a1 '{"phase": "Approved", "verdict": "Approve", "decidedBy": "bob", "conditions": [{"type": "IdentityVerified", "status": "True"}]}'
refused "a runtime says that it can be trusted" "is said by the operator" "${runtime[@]}" $(put_status a1)
status_of a1 '{"phase": "Approved", "verdict": "Approve", "decidedBy": "bob", "conditions": [{"type": "Notified", "status": "True"}]}'
allowed "a runtime says that people were told" "${runtime[@]}" $(put_status a1)

# Deletion.
refused "an editor deletes a pending one" "is still in use and is deleted with its Run" "${editor[@]}" delete approval g1 "${dry[@]}"
refused "an editor deletes an approved one" "is still in use" "${editor[@]}" delete approval a1 "${dry[@]}"
refused "an editor deletes all" "is still in use" "${editor[@]}" delete approval --all "${dry[@]}"
allowed "an editor deletes one that is settled" "${editor[@]}" delete approval p-expired "${dry[@]}"
allowed "an administrator deletes a pending one" "${admin[@]}" delete approval g1 "${dry[@]}"
