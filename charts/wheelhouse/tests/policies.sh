#!/usr/bin/env bash
# What the chart's admission policies let through and refuse, asked of a real API server with Wheelhouse installed.
# Works in a namespace of its own, impersonates users, and mostly only asks (--dry-run=server). Needs kubectl >= 1.35.
set -uo pipefail
cd "$(dirname "$0")"
PATH="$PWD/../../../local-cluster/.state/bin:$PATH"
NS=wheelhouse-policy-test-$RANDOM
scratch=$(mktemp -d)
limits=$(kubectl get validatingadmissionpolicies wheelhouse-operator-limits -o 'jsonpath={.spec}')
operator_ns=$(grep -oE 'system:serviceaccount:[^:]+:wheelhouse-operator' <<<"$limits" | head -1 | cut -d: -f3)
image=$(grep -oE "with the image [^,]+," <<<"$limits" | head -1 | cut -d' ' -f4 | tr -d ,)

# People and machines.
author=(--as=amy --as-group=system:authenticated)          # writes our objects, reads no Secret
editor=(--as=eve --as-group=system:authenticated)          # the stock role edit
runtime=(--as="system:serviceaccount:$NS:wheelhouse-runtime" --as-group=system:serviceaccounts --as-group=system:authenticated
  --as-user-extra=authentication.kubernetes.io/pod-name=wheelhouse-runtime-0)
pretender=("${runtime[@]:0:3}")                            # carries the name, is no pod
operator=(--as="system:serviceaccount:$operator_ns:wheelhouse-operator" --as-group=system:serviceaccounts --as-group=system:authenticated)
collector=(--as=system:kube-controller-manager --as-group=system:authenticated)
admin=()

# Checks run at the end of pipes, that is in subshells: what failed is kept in a file.
failed() { echo "FAIL  $1" | tee -a "$scratch/failed"; }
ask() { kubectl -n "$NS" --request-timeout=20s "$@" 2>&1; }
allowed() {
  local name=$1 out; shift
  if out=$(ask "$@"); then echo "ok    allowed: $name"; else failed "refused: $name: $out"; fi
}
# refused NAME PATTERN ARGS...: by admission and for the reason that the pattern tells.
refused() {
  local name=$1 pattern=$2 out; shift 2
  if out=$(ask "$@"); then failed "let through: $name"
  elif grep -qE -- "$pattern" <<<"$out"; then echo "ok    refused: $name"
  else failed "refused, but not with /$pattern/: $name: $out"; fi
}
dry=(--dry-run=server)

# Some tests write statuses as the operator does: the real one must not answer meanwhile.
operators=$(kubectl -n "$operator_ns" get deployment wheelhouse-operator -o 'jsonpath={.spec.replicas}')
scale_operator() {
  kubectl -n "$operator_ns" scale deployment wheelhouse-operator --replicas="$1" >/dev/null
  kubectl -n "$operator_ns" rollout status deployment wheelhouse-operator --timeout=120s >/dev/null
}

cleanup() {
  scale_operator "$operators"
  kubectl delete namespace "$NS" --wait=false >/dev/null 2>&1
  kubectl delete clusterrole "$NS" >/dev/null 2>&1
  rm -rf "$scratch"
}
trap cleanup EXIT
kubectl create namespace "$NS" >/dev/null || exit 1
scale_operator 0
kubectl -n "$operator_ns" wait --for=delete pod -l app.kubernetes.io/component=operator --timeout=120s >/dev/null 2>&1
kubectl -n "$NS" create rolebinding author --clusterrole=wheelhouse-edit --user=amy >/dev/null
kubectl -n "$NS" create rolebinding author-view --clusterrole=wheelhouse-view --user=amy >/dev/null
# The parts of the stock role edit, so that the test need not wait for the controller that puts it together.
for part in system:aggregate-to-view system:aggregate-to-edit wheelhouse-view wheelhouse-edit; do
  kubectl -n "$NS" create rolebinding "editor-${part//:/-}" --clusterrole="$part" --user=eve >/dev/null
done
kubectl -n "$NS" create rolebinding runtime --clusterrole=wheelhouse-runtime --serviceaccount="$NS:wheelhouse-runtime" >/dev/null
kubectl create clusterrole "$NS" --verb='*' --resource=configmaps,leases.coordination.k8s.io >/dev/null
kubectl -n "$NS" create rolebinding collector --clusterrole="$NS" --user=system:kube-controller-manager >/dev/null
kubectl -n "$NS" create serviceaccount wheelhouse-runtime >/dev/null
kubectl -n "$NS" create serviceaccount somebody >/dev/null
kubectl -n "$NS" create secret generic key --from-literal=token=x >/dev/null
kubectl -n "$NS" create configmap prompt --from-literal=text=x >/dev/null

configmap() { # NAME [LABEL] [DATA]
  echo "{apiVersion: v1, kind: ConfigMap, metadata: {name: $1, namespace: $NS, labels: {${2:-}}}, data: {records: '${3:-}'}}"
}
run() { # NAME SPEC [METADATA]
  echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, metadata: {name: $1, namespace: $NS${3:+, $3}}, spec: {agent: a, input: hi${2:+, $2}}}"
}
journal="wheelhouse.dev/journal: uid-1"

echo "# journals"
configmap j0 "$journal" | allowed "a runtime writes a journal" "${runtime[@]}" create -f -
configmap j1 "$journal" | refused "an editor forges a journal" "only the pods of service account wheelhouse-runtime" "${editor[@]}" create "${dry[@]}" -f -
configmap j1 "$journal" | refused "a cluster admin forges a journal" "only the pods" "${admin[@]}" create "${dry[@]}" -f -
configmap j1 "$journal" | refused "somebody who impersonates the runtime's account" "only the pods" "${pretender[@]}" create "${dry[@]}" -f -
configmap j0 "$journal" more | allowed "a runtime appends" "${runtime[@]}" replace "${dry[@]}" -f -
configmap j0 "$journal" more | refused "an editor appends" "only the pods" "${editor[@]}" replace "${dry[@]}" -f -
refused "an editor takes the label off" "only the pods" "${editor[@]}" label configmap j0 wheelhouse.dev/journal- "${dry[@]}"
refused "an editor puts the label on" "only the pods" "${editor[@]}" label configmap prompt wheelhouse.dev/journal=uid-1 "${dry[@]}"
refused "an editor deletes a journal" "is deleted with its Run" "${editor[@]}" delete configmap j0 "${dry[@]}"
refused "an editor deletes all ConfigMaps" "is deleted with its Run" "${editor[@]}" delete configmap --all "${dry[@]}"
refused "a runtime deletes its journal" "cannot delete resource" "${runtime[@]}" delete configmap j0 "${dry[@]}"
allowed "the garbage collector deletes a journal" "${collector[@]}" delete configmap j0 "${dry[@]}"
allowed "an administrator deletes an orphaned journal" "${admin[@]}" delete configmap j0 "${dry[@]}"
configmap other | allowed "an editor writes other ConfigMaps" "${editor[@]}" create "${dry[@]}" -f -
configmap other | refused "a runtime writes other ConfigMaps" "writes ConfigMaps only as journals" "${runtime[@]}" create "${dry[@]}" -f -
configmap prompt "$journal" | refused "a runtime makes a foreign ConfigMap its own" "only as journals" "${runtime[@]}" replace "${dry[@]}" -f -

echo "# Secrets and prompts that an author may not read"
model() { echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: Model, metadata: {name: m, namespace: $NS}, spec: {provider: openai, model: x, endpoint: '$1', secret: {name: key, key: token}${2:+, $2}}}"; }
server() { echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: ToolServer, metadata: {name: t, namespace: $NS}, spec: {http: {tools: [{name: get, description: d, url: '$1'}]}${2:+, $2}}}"; }
auth='auth: {header: Authorization, secret: {name: key, key: token}}'
model https://a.example | refused "an author names a Secret in a Model" "spec.secret names secrets/key, which amy may not read" "${author[@]}" create "${dry[@]}" -f -
server https://a.example "$auth" | refused "an author names a Secret in a ToolServer" "spec.auth.secret names secrets/key" "${author[@]}" create "${dry[@]}" -f -
server https://a.example | allowed "an author makes a ToolServer without a Secret" "${author[@]}" create "${dry[@]}" -f -
model https://a.example | allowed "an editor, who may read it, names a Secret" "${editor[@]}" create -f -
server https://a.example "$auth" | allowed "an editor names a Secret in a ToolServer" "${editor[@]}" create -f -
model https://a.example 'prices: {input: 1, output: 2}' | allowed "an author changes prices" "${author[@]}" replace "${dry[@]}" -f -
model https://evil.example | refused "an author redirects the key" "names secrets/key" "${author[@]}" replace "${dry[@]}" -f -
server https://evil.example "$auth" | refused "an author redirects a tool's key" "names secrets/key" "${author[@]}" replace "${dry[@]}" -f -
server https://a.example | allowed "an author takes the Secret out" "${author[@]}" replace "${dry[@]}" -f -
agent='{apiVersion: wheelhouse.dev/v1alpha1, kind: Agent, metadata: {name: a}, spec: {model: m, instructionsFrom: {name: prompt, key: text}}}'
refused "an author has an agent read out a ConfigMap" "spec.instructionsFrom names configmaps/prompt" "${author[@]}" create "${dry[@]}" -f - <<<"$agent"
allowed "an editor takes instructions from a ConfigMap" "${editor[@]}" create "${dry[@]}" -f - <<<"$agent"

echo "# who asks, and where a run comes from"
parent="parent: {name: p, uid: uid-p, callId: c, depth: 1}"
owned="ownerReferences: [{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, name: p, uid: uid-p}]"
run r1 | allowed "a Run without requester" "${author[@]}" create -f -
run r2 'requester: amy' | allowed "a Run under one's own name" "${author[@]}" create "${dry[@]}" -f -
run r2 'requester: bob' | refused "a Run under another's name" "must be your own user name, amy" "${author[@]}" create "${dry[@]}" -f -
run r2 "$parent" | refused "a person poses as a delegating run" "spec.parent is set by the runtime" "${author[@]}" create "${dry[@]}" -f -
run r2 "requester: amy, $parent" "$owned" | allowed "a runtime hands a name down to a child" "${runtime[@]}" create "${dry[@]}" -f -
run r2 "requester: amy, $parent" "$owned" | refused "an impersonated runtime does" "must be your own" "${pretender[@]}" create "${dry[@]}" -f -
run r2 "requester: amy" | refused "a runtime starts a run of its own" "creates Runs only as children" "${runtime[@]}" create "${dry[@]}" -f -
run r2 "$parent" | refused "a runtime's child without its owner" "creates Runs only as children" "${runtime[@]}" create "${dry[@]}" -f -
scheduled='ownerReferences: [{apiVersion: wheelhouse.dev/v1alpha1, kind: Schedule, name: s, uid: uid-s, controller: true, blockOwnerDeletion: true}], labels: {wheelhouse.dev/schedule-uid: uid-s}'
run r2 "requester: amy" "$scheduled" | allowed "the operator starts a Schedule's run in its author's name" "${operator[@]}" create "${dry[@]}" -f -
run r2 "requester: amy" | refused "the operator starts a run of no Schedule" "creates Runs for Schedules only" "${operator[@]}" create "${dry[@]}" -f -
run r2 "requester: amy" "$scheduled" | refused "a person poses as a Schedule" "marks the runs of a Schedule" "${author[@]}" create "${dry[@]}" -f -
byhand='labels: {wheelhouse.dev/schedule-uid: uid-s}, annotations: {wheelhouse.dev/instantiate: manual'
run r2 "" "$byhand}" | allowed "a person starts a run of a Schedule by hand" "${author[@]}" create "${dry[@]}" -f -
run r2 "" "$byhand, wheelhouse.dev/scheduled-time: '2026-01-01T00:00:00Z'}" | refused "a run by hand poses as that of a time" "marks the runs of a Schedule" "${author[@]}" create "${dry[@]}" -f -
run r2 "requester: bob" "$byhand}" | refused "a run by hand under another's name" "must be your own user name, amy" "${author[@]}" create "${dry[@]}" -f -
run r2 "requester: amy" "$scheduled, finalizers: []" | sed 's/uid: uid-s}/uid: uid-other}/' | refused "the operator starts a run for a Schedule that does not own it" "creates Runs for Schedules only" "${operator[@]}" create "${dry[@]}" -f -

echo "# in whose name a Schedule acts"
schedule() { # NAME SPEC [INPUT]
  echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: Schedule, metadata: {name: $1, namespace: $NS}, spec: {schedule: '0 0 1 1 *', runTemplate: {spec: {agent: a, input: ${3:-hi}}}${2:+, $2}}}"
}
schedule s1 'requester: amy' | allowed "a Schedule under one's own name" "${author[@]}" create -f -
schedule s2 'requester: bob' | refused "a Schedule under another's name" "must be your own user name, amy" "${author[@]}" create "${dry[@]}" -f -
schedule s2 'requester: amy, requesterGroups: [system:masters]' | refused "a Schedule with another's groups" "may name only your own groups" "${author[@]}" create "${dry[@]}" -f -
schedule s2 'requester: amy, requesterGroups: [system:authenticated]' | allowed "a Schedule with one's own groups" "${author[@]}" create "${dry[@]}" -f -
schedule s1 'requester: amy' evil | refused "somebody else changes what it does" "must be your own user name, eve" "${editor[@]}" replace "${dry[@]}" -f -
schedule s1 'requester: eve' other | allowed "somebody else takes it over in his own name" "${editor[@]}" replace "${dry[@]}" -f -
schedule s1 'requester: amy' other | allowed "its author changes it" "${author[@]}" replace "${dry[@]}" -f -
allowed "somebody else suspends it" "${editor[@]}" patch schedule.wheelhouse.dev s1 --type=merge -p '{"spec":{"suspend":true}}' "${dry[@]}"
refused "somebody else has it run a past period" "must be your own user name, eve" "${editor[@]}" patch schedule.wheelhouse.dev s1 --type=merge -p '{"spec":{"backfill":{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}}}' "${dry[@]}"
refused "the operator changes it" "cannot (patch|update) resource" "${operator[@]}" patch schedule.wheelhouse.dev s1 --type=merge -p '{"spec":{"suspend":true}}' "${dry[@]}"
schedule s2 'requester: amy' | refused "a runtime makes one" "cannot create resource" "${runtime[@]}" create "${dry[@]}" -f -
refused "an administrator writes its status" "operator" "${admin[@]}" patch schedule.wheelhouse.dev s1 --subresource=status --type=merge -p '{"status":{"decidedUntil":"2099-01-01T00:00:00Z"}}' "${dry[@]}"
if kubectl get mutatingadmissionpolicies wheelhouse-schedule-requester >/dev/null 2>&1; then
  schedule s3 | allowed "a Schedule without requester" "${author[@]}" create -f -
  stamped=$(ask get schedule.wheelhouse.dev s3 -o 'jsonpath={.spec.requester}')
  if [ "$stamped" = amy ]; then echo "ok    author filled in: $stamped"; else failed "author filled in: '$stamped'"; fi
fi

if kubectl get mutatingadmissionpolicies wheelhouse-run-requester >/dev/null 2>&1; then
  stamped=$(ask get run.wheelhouse.dev r1 -o 'jsonpath={.spec.requester}')
  if [ "$stamped" = amy ]; then echo "ok    requester filled in: $stamped"; else failed "requester filled in: '$stamped'"; fi
fi
allowed "a runtime cancels a child" "${runtime[@]}" patch run.wheelhouse.dev r1 --type=merge -p '{"spec":{"cancel":true}}' "${dry[@]}"
refused "a runtime lifts a deadline" "but cancel" "${runtime[@]}" patch run.wheelhouse.dev r1 --type=merge -p '{"spec":{"activeDeadlineSeconds":99}}' "${dry[@]}"
allowed "the operator cancels a run" "${operator[@]}" patch run.wheelhouse.dev r1 --type=merge -p '{"spec":{"cancel":true}}' "${dry[@]}"
refused "the operator lifts a deadline" "but cancel" "${operator[@]}" patch run.wheelhouse.dev r1 --type=merge -p '{"spec":{"activeDeadlineSeconds":99}}' "${dry[@]}"

echo "# statuses"
# status BY KIND NAME: the status as a locked PUT writes it.
status() { ask get "$1" "$2" -o json | sed 's/"spec": {/"status": {"observedGeneration": 1}, "spec": {/' > "$scratch/$2.json"; }
status run.wheelhouse.dev r1; status model.wheelhouse.dev m
put() { local file=$1; shift; echo replace --subresource=status "${dry[@]}" -f "$scratch/$file.json"; }
allowed "the operator writes a run's status" "${operator[@]}" $(put r1)
allowed "a runtime writes a run's status" "${runtime[@]}" $(put r1)
refused "a cluster admin does" "is written by the Wheelhouse operator and the runtime pods" "${admin[@]}" $(put r1)
refused "an impersonated runtime does" "is written by the Wheelhouse operator" "${pretender[@]}" $(put r1)
allowed "the operator writes a model's status" "${operator[@]}" $(put m)
refused "a cluster admin writes a model's status" "is written by the Wheelhouse operator only" "${admin[@]}" $(put m)

echo "# being a runtime"
pod() { echo "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: $NS}, spec: {serviceAccountName: $1, automountServiceAccountToken: false, containers: [{name: c, image: i}]}}"; }
template='{metadata: {labels: {a: b}}, spec: {serviceAccountName: wheelhouse-runtime, restartPolicy: RESTART, containers: [{name: c, image: i}]}}'
refused "an editor asks for a runtime's token" "may not ask for its tokens" "${editor[@]}" create token wheelhouse-runtime
pod wheelhouse-runtime | refused "an editor starts a pod as a runtime" "may not start or change pods that use it" "${editor[@]}" create "${dry[@]}" -f -
pod default | allowed "an editor starts other pods" "${editor[@]}" create "${dry[@]}" -f -
for kind in Deployment ReplicaSet StatefulSet DaemonSet; do
  echo "{apiVersion: apps/v1, kind: $kind, metadata: {name: x}, spec: {selector: {matchLabels: {a: b}}, template: ${template/RESTART/Always}}}" |
    refused "an editor starts a $kind as a runtime" "may not start or change" "${editor[@]}" create "${dry[@]}" -f -
done
echo "{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {template: ${template/RESTART/Never}}}" |
  refused "an editor starts a Job as a runtime" "may not start or change" "${editor[@]}" create "${dry[@]}" -f -
echo "{apiVersion: batch/v1, kind: CronJob, metadata: {name: x}, spec: {schedule: '* * * * *', jobTemplate: {spec: {template: ${template/RESTART/Never}}}}}" |
  refused "an editor starts a CronJob as a runtime" "may not start or change" "${editor[@]}" create "${dry[@]}" -f -
lease() { echo "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l, namespace: $NS, labels: {${1:-}}}, spec: {holderIdentity: x}}"; }
lease 'wheelhouse.dev/role: runtime' | refused "an editor poses as a live runtime" "sign of life" "${editor[@]}" create "${dry[@]}" -f -
lease | allowed "an editor writes other Leases" "${editor[@]}" create "${dry[@]}" -f -
lease | refused "a runtime writes other Leases" "only Leases with the label" "${runtime[@]}" create "${dry[@]}" -f -
lease 'wheelhouse.dev/role: runtime' | allowed "a runtime shows that it lives" "${runtime[@]}" create -f -
refused "an editor ends a runtime's Lease" "sign of life" "${editor[@]}" delete lease l "${dry[@]}"
allowed "the garbage collector does" "${collector[@]}" delete lease l "${dry[@]}"
exec_in() { echo create --raw "/api/v1/namespaces/$NS/pods/$1/exec?command=id&stdout=true" -f /dev/null; }
refused "an editor enters a runtime pod" "needs the verb administer" "${editor[@]}" $(exec_in wheelhouse-runtime-0)
refused "other pods are not concerned" 'pods "web-0" not found' "${editor[@]}" $(exec_in web-0)
refused "an administrator passes the policy" 'pods "wheelhouse-runtime-0" not found' "${admin[@]}" $(exec_in wheelhouse-runtime-0)

echo "# what the operator may make"
# deployment [CONTAINER] [POD] [CONTAINER-SECURITY] [IMAGE] [NAME] [POD-SECURITY]
sa='serviceAccountName: wheelhouse-runtime'
safe='securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}'
hard='allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}'
deployment() {
  local pod=${2:-$sa} security=${3:-$hard} podSecurity=${6:-$safe} more=${1:+, $1}
  cat <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${5:-wheelhouse-runtime}, namespace: $NS}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {$pod, $podSecurity, containers: [{name: runtime, image: "${4:-$image}", securityContext: {$security}$more}]}
Y
}
make=("${operator[@]}" create "${dry[@]}" -f -)
deployment | allowed "the runtime" "${make[@]}"
deployment 'env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], volumeMounts: [{name: s, mountPath: /s}]' \
  "$sa, volumes: [{name: s, secret: {secretName: key, optional: true}}, {name: t, emptyDir: {}}, {name: j, persistentVolumeClaim: {claimName: c}}]" | allowed "the runtime with its volumes" "${make[@]}"
deployment '' '' '' '' wheelhouse-runtime-r1 | allowed "a runtime for one run" "${make[@]}"
deployment '' '' '' '' other | refused "another name" "only under the name wheelhouse-runtime" "${make[@]}"
deployment '' '' '' evil.example/x | refused "another image" "as its image starts it" "${make[@]}"
deployment 'command: [sh]' | refused "another command" "as its image starts it" "${make[@]}"
deployment '' "$sa, initContainers: [{name: i, image: x}]" | refused "an init container" "may run one container" "${make[@]}"
deployment '' 'serviceAccountName: default' | refused "another service account" "use service account wheelhouse-runtime" "${make[@]}"
deployment '' 'terminationGracePeriodSeconds: 1' | refused "no service account" "use service account wheelhouse-runtime" "${make[@]}"
deployment '' '' '' '' '' 'securityContext: {seccompProfile: {type: RuntimeDefault}}' | refused "as root" "are non-root" "${make[@]}"
deployment '' '' '' '' '' 'securityContext: {runAsNonRoot: true, seccompProfile: {type: Unconfined}}' | refused "without seccomp" "RuntimeDefault" "${make[@]}"
deployment '' '' '' '' '' 'securityContext: {}' | refused "without any security context" "are non-root" "${make[@]}"
deployment '' '' "$hard, runAsUser: 0" | refused "root in the container" "are non-root" "${make[@]}"
deployment '' '' "privileged: true" | refused "privileged" "are non-root" "${make[@]}"
deployment '' '' "${hard/escalation: false/}, seccompProfile: {type: Unconfined}" | refused "seccomp off in the container" "RuntimeDefault" "${make[@]}"
deployment '' '' "readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}" | refused "privilege escalation" "are non-root" "${make[@]}"
deployment '' '' "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}" | refused "a writable root" "read-only root" "${make[@]}"
deployment '' '' "allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: [NET_ADMIN]}" | refused "a capability" "no capabilities" "${make[@]}"
for field in hostNetwork hostPID hostIPC shareProcessNamespace; do
  deployment '' "$sa, $field: true" | refused "$field" "share nothing with their node" "${make[@]}"
done
deployment '' "$sa, nodeName: node-1" | refused "a node of its choice" "share nothing with their node" "${make[@]}"
deployment 'ports: [{containerPort: 80, hostPort: 80}]' | refused "a port of the node" "share nothing with their node" "${make[@]}"
for volume in 'hostPath: {path: /}' 'secret: {secretName: key}' 'configMap: {name: prompt}' 'projected: {sources: [{serviceAccountToken: {path: t, audience: x}}]}' 'nfs: {server: s, path: /}'; do
  deployment '' "$sa, volumes: [{name: v, $volume}]" | refused "volume $volume" "mount only emptyDir" "${make[@]}"
done
deployment 'env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: token}}}]' | refused "a Secret in the environment" "no environment from Secrets" "${make[@]}"
deployment 'envFrom: [{configMapRef: {name: prompt}}]' | refused "a ConfigMap in the environment" "no environment from Secrets" "${make[@]}"
allowed "the runtime's account" "${operator[@]}" delete serviceaccount wheelhouse-runtime "${dry[@]}"
refused "another account" "only under the name wheelhouse-runtime" "${operator[@]}" create serviceaccount other "${dry[@]}"
refused "deleting another's account" "cannot delete resource|only under the name" "${operator[@]}" delete serviceaccount somebody "${dry[@]}"
bind() { echo create rolebinding "${2:-wheelhouse-runtime}" "--clusterrole=$1" "--serviceaccount=${3:-$NS}:wheelhouse-runtime" "${dry[@]}"; }
allowed "binding the runtime's role" "${operator[@]}" $(bind wheelhouse-runtime)
refused "binding it under another name" "only under the name" "${operator[@]}" $(bind wheelhouse-runtime x)
refused "binding it to another namespace" "of the same namespace" "${operator[@]}" $(bind wheelhouse-runtime '' kube-system)
refused "binding another role" "may bind only ClusterRole wheelhouse-runtime|attempting to grant RBAC permissions" "${operator[@]}" $(bind admin)
refused "binding it to a person" "to service account wheelhouse-runtime" "${operator[@]}" create rolebinding wheelhouse-runtime --clusterrole=wheelhouse-runtime --user=amy "${dry[@]}"

. ./sandboxes.sh

. ./approvals.sh

echo "# what they have no right to at all"
for what in "get secrets" "list secrets" "get configmaps" "list configmaps" "update pods" "create pods --subresource=exec" "get pods --subresource=log" \
  "create serviceaccounts --subresource=token" "impersonate users" "escalate clusterroles" "update runs.wheelhouse.dev" "update schedules.wheelhouse.dev" "create schedules.wheelhouse.dev" \
  "update nodes" "update clusterrolebindings" "update persistentvolumeclaims" "delete persistentvolumeclaims" "create pods --subresource=ephemeralcontainers" "approve approvals.wheelhouse.dev" "create approvals.wheelhouse.dev" "delete approvals.wheelhouse.dev"; do
  refused "operator: $what" "^no" "${operator[@]}" auth can-i $what
done
allowed "operator: hold up the deletion of a Schedule for its runs" "${operator[@]}" auth can-i update schedules.wheelhouse.dev --subresource=finalizers
for what in "get secrets" "create pods" "delete configmaps" "create pods --subresource=exec" "create deployments" "delete runs.wheelhouse.dev" \
  "approve approvals.wheelhouse.dev" "patch approvals.wheelhouse.dev" "update approvals.wheelhouse.dev" "delete approvals.wheelhouse.dev"; do
  refused "runtime: $what" "^no" "${runtime[@]}" auth can-i $what
done

echo
[ -s "$scratch/failed" ] || { echo "admission policies: all passed"; exit 0; }
echo "admission policies: $(grep -c ^FAIL "$scratch/failed") failed"
exit 1
