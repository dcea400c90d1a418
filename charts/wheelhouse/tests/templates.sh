#!/usr/bin/env bash
# What the chart renders, without a cluster. Needs helm.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/../../local-cluster/.state/bin:$PATH"
command -v helm >/dev/null || { echo "helm is missing: 'make prerequisites' builds it"; exit 1; }
failures=0
ok()   { echo "ok    $1"; }
fail() { echo "FAIL  $1"; failures=$((failures + 1)); }
# Helm built from its module without version flags takes itself for Kubernetes 1.20.
render() { helm template wheelhouse . --namespace wheelhouse-system --kube-version 1.36.0 "$@" 2>&1; }
has()    { if grep -qE -- "$2" <<<"$3"; then ok "$1"; else fail "$1: no match for $2"; fi; }
# An absence in nothing proves nothing: something must have been rendered.
hasnt()  { if [[ $3 != *:* || $3 == Error:* ]]; then fail "$1: nothing rendered: $3"; elif grep -qE -- "$2" <<<"$3"; then fail "$1: $(grep -E -m1 -- "$2" <<<"$3")"; else ok "$1"; fi; }
refuses() {
  local name=$1 pattern=$2 out; shift 2
  if out=$(render "$@"); then fail "$name: accepted"; else has "$name" "$pattern" "$out"; fi
}

if out=$(helm lint --strict --kube-version 1.36.0 . 2>&1); then ok "helm lint"; else fail "helm lint: $out"; fi
for crd in ../../crds/*.yaml; do
  if cmp -s "$crd" "files/crds/$(basename "$crd")"; then ok "copy of $(basename "$crd") is identical"
  else fail "files/crds/$(basename "$crd") differs from crds/: run 'make crds'"; fi
done

all=$(render)
has   "CRDs are rendered" 'name: "runs.wheelhouse.dev"' "$all"
[ "$(grep -c 'helm.sh/resource-policy: keep' <<<"$all")" = "$(ls files/crds/*.yaml | wc -l)" ] \
  && ok "each CRD stays on uninstall" || fail "a CRD without resource-policy keep"

operator=$(render --show-only templates/rbac-operator.yaml)
hasnt "operator has no right on Secrets"           '\bsecrets\b' "$operator"
hasnt "operator has no right on ConfigMaps"        'configmaps' "$operator"
hasnt "operator cannot enter pods"                 'pods/(exec|attach|log|portforward|ephemeralcontainers)' "$operator"
hasnt "operator has no wildcard"                   "\\*" "$(grep -vE '^ *#' <<<"$operator")"
has   "operator may hold up the deletion of a Schedule" 'resources: \[schedules/finalizers\]' "$operator"
[ "$(grep -c '/finalizers' <<<"$operator")" = 1 ] && ok "and of nothing else" || fail "operator has a right on other finalizers"
hasnt "operator cannot escalate or impersonate"    'escalate|impersonate' "$operator"
pods=$(tr -d '\n' <<<"$operator" | grep -oE 'resources: \[pods\] *verbs: \[[^]]*\]')
hasnt "operator cannot replace pods"               'update' "$pods"
has   "operator has one rule about pods"           '^1$' "$(wc -l <<<"$pods")"
runtime=$(render --show-only templates/rbac-runtime.yaml | grep -vE '^ *#')
hasnt "runtime has no right on Secrets"            '\bsecrets\b' "$runtime"
[ "$(grep -c delete <<<"$runtime")" = 1 ] && ok "runtime deletes only Leases" || fail "runtime deletes more than Leases"

scoped=$(render --set 'namespaces={team-a,team-b}')
bindings=$(paste -sd' ' <<<"$scoped" | grep -oE 'kind: ClusterRoleBinding metadata:   name: [-a-z]+')
has   "namespaces: TokenReviews for each"          'wheelhouse-token-review-team-a' "$bindings"
[ "$(wc -l <<<"$bindings")" = 2 ] && ok "namespaces: no other ClusterRoleBinding" || fail "namespaces: $bindings"
hasnt "namespaces: the operator binds nothing of the cluster" 'clusterrolebindings' "$(render --set 'namespaces={team-a,team-b}' --show-only templates/rbac-operator.yaml | grep -vE '^ *#')"
hasnt "namespaces: no ClusterRole for the operator" 'ClusterRole wheelhouse-operator' "$(paste -sd' ' <<<"$scoped" | sed -E 's/kind: ([A-Za-z]+) metadata:   name: /\1 /g')"
[ "$(grep -cE '^  namespace: team-[ab]$' <<<"$scoped")" = 4 ] && ok "namespaces: Role and RoleBinding in each" || fail "namespaces: not 4 objects"
has   "namespaces: told to the operator"           'value: "team-a,team-b"' "$scoped"

has   "requester is stamped where the cluster can" 'kind: MutatingAdmissionPolicy$' "$(render --api-versions admissionregistration.k8s.io/v1/MutatingAdmissionPolicy)"
hasnt "requester is not stamped where told so"     'kind: MutatingAdmissionPolicy$' "$(render --set policies.requesterStamp=never)"
hasnt "policies can be turned off"                 'AdmissionPolicy$' "$(render --set policies.enabled=false)"
[ "$(grep -c '^kind: ValidatingAdmissionPolicy$' <<<"$all")" = "$(grep -c '^kind: ValidatingAdmissionPolicyBinding$' <<<"$all")" ] \
  && ok "each policy has its binding" || fail "a policy without a binding"
hasnt "approver is in no stock role"               'aggregate-to' "$(render --show-only templates/rbac-users.yaml | sed -n '/name: wheelhouse-approver/,$p')"

approvals=$(render --show-only templates/policies/approvals.yaml | grep -vE '^ *#')
for policy in decisions origin status deletion; do
  has "policy wheelhouse-approval-$policy"         "name: wheelhouse-approval-$policy\$" "$approvals"
done
[ "$(grep -c 'failurePolicy: Fail' <<<"$approvals")" = 4 ] && ok "a policy on Approvals that fails refuses" || fail "a policy on Approvals without failurePolicy Fail"
hasnt "runtime cannot change an Approval's spec"   'approvals\] *verbs: \[[^]]*(patch|update|delete)' "$(tr -d '\n' <<<"$runtime")"

sandbox=$(render --show-only templates/policies/sandbox.yaml)
for policy in shape surroundings claims network; do
  has "policy wheelhouse-sandbox-$policy"          "name: wheelhouse-sandbox-$policy\$" "$sandbox"
done
[ "$(grep -c 'failurePolicy: Fail' <<<"$sandbox")" = 4 ] && ok "a policy on sandboxes that fails refuses" || fail "a policy on sandboxes without failurePolicy Fail"
has   "the policy pins the daemon's image"         "image == 'registry.example.org/me/sandboxd:v1'" "$(render --set image.registry=registry.example.org/me --set image.tag=v1)"
has   "sandboxes have user namespaces"             '!variables.pod.hostUsers' "$sandbox"
hasnt "unless told otherwise"                      'hostUsers' "$(render --show-only templates/policies/sandbox.yaml --set sandbox.userNamespaces=false)"
has   "and the operator is told"                   'value: "false"' "$(render --show-only templates/operator.yaml --set sandbox.userNamespaces=false | grep -A1 USER_NAMESPACES)"

deployment=$(render --show-only templates/operator.yaml)
for field in 'runAsNonRoot: true' 'allowPrivilegeEscalation: false' 'readOnlyRootFilesystem: true' 'drop: \[ALL\]' 'type: RuntimeDefault' 'memory: 512Mi'; do
  has "operator pod: $field" "$field" "$deployment"
done
has   "sandbox image reaches the operator"         'value: "?wheelhouse.local/sandbox:dev' "$deployment"
has   "daemon image reaches the operator"          'value: "?wheelhouse.local/sandboxd:dev' "$deployment"
has   "default tenant reaches the operator"        'WHEELHOUSE_TENANT_MAX_CONCURRENT_RUNS' "$deployment"
has   "a limit of the default tenant"              'WHEELHOUSE_TENANT_LIMITS_COST_MICROS' "$(render --set tenant.limits.costMicros=2000000)"
has   "a large limit keeps its digits"             'value: "1000000000000"' "$(render --set tenant.limits.costMicros=1000000000000)"
hasnt "an unset limit is not passed"               'WHEELHOUSE_TENANT_LIMITS' "$deployment"
has   "registry and tag"                           'registry.example.org/me/operator:v1' "$(render --set image.registry=registry.example.org/me --set image.tag=v1)"
has   "the policy pins the same runtime image"     "image == 'registry.example.org/me/runtime:v1'" "$(render --set image.registry=registry.example.org/me --set image.tag=v1)"
hasnt "one operator needs no disruption budget"    'PodDisruptionBudget' "$deployment"
has   "two operators have one"                     'PodDisruptionBudget' "$(render --set operator.replicas=2)"
refuses "a mistyped value is refused"              'operatr' --set operatr.replicas=2
refuses "a wrong isolation is refused"             'isolation' --set tenant.isolation=Pod
refuses "a wrong memory is refused"                'memory' --set tenant.runtime.memory=512MB

echo; [ $failures = 0 ] && echo "chart templates: all passed" || echo "chart templates: $failures failed"
exit $((failures > 0))
