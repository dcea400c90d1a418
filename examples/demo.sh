#!/usr/bin/env bash
# The demo of `make demo`: a run survives the death of the pod that executes it, in the middle of a tool call, and
# acts exactly once; another waits for a person; a third runs code in a sandbox. Needs an installed Wheelhouse and
# kubectl; everything happens in the namespace wheelhouse-demo.
set -euo pipefail
cd "$(dirname "$0")"
NS=wheelhouse-demo

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
k() { kubectl -n "$NS" "$@"; }

say "1. A namespace, and a shop with an order service that counts what happens to it"
kubectl delete namespace "$NS" --ignore-not-found --wait >/dev/null
kubectl create namespace "$NS" >/dev/null
kubectl label namespace "$NS" pod-security.kubernetes.io/enforce=restricted >/dev/null
k apply -f tool-server/ >/dev/null
k rollout status deployment/tool-server --timeout=120s >/dev/null
echo "The service answers an order only after 8 seconds: time enough to pull the plug."

say "2. A Model, a ToolServer, an Agent and a Run: all it takes"
show kubectl -n "$NS" apply -f demo/

say "3. The agent thinks, and calls place_order"
# The call is under way once the service has counted it.
stats() { k exec deploy/tool-server -- python3 -c "import urllib.request as u;print(u.urlopen('http://127.0.0.1:8080/stats').read().decode())"; }
for _ in $(seq 120); do stats | grep -q '"orders_received": 0' || break; sleep 0.5; done
show kubectl -n "$NS" get arun -o wide
POD=$(k get arun order -o jsonpath='{.status.execution.pod}')

say "4. Kill the pod that executes it, without grace, in the middle of the call"
show kubectl -n "$NS" delete pod "$POD" --grace-period=0 --force 2>/dev/null

say "5. Another pod takes over, and the run ends"
show kubectl -n "$NS" wait arun/order --for=condition=Complete --timeout=120s
show kubectl -n "$NS" get arun -o wide

say "6. What happened, told by the journal"
../plugin/kubectl-wheelhouse -n "$NS" transcript order

say "7. And the order service says: called twice with one idempotency key, one order placed"
stats
stats | grep -q '"orders_placed": 1' || { echo "expected exactly one order"; exit 1; }
[ "$(k get arun order -o jsonpath='{.status.conditions[?(@.type=="Succeeded")].status}')" = True ]

say "8. A dangerous call waits for a person: the run holds no pod, and Bob sees exactly what it would do"
k apply -f demo/approval/ >/dev/null
kubectl -n "$NS" create --as=amy -f - >/dev/null <<'RUN'
{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, metadata: {name: refit}, spec: {agent: careful-buyer, input: Order three sails., requester: amy}}
RUN
k wait arun/refit --for=jsonpath='{.status.waitingFor.kind}'=Approval --timeout=120s >/dev/null
APPROVAL=$(k get arun refit -o jsonpath='{.status.waitingFor.names[0]}')
k wait "appr/$APPROVAL" --for=jsonpath='{.status.phase}'=Pending --timeout=60s >/dev/null
show kubectl -n "$NS" get appr
../plugin/kubectl-wheelhouse -n "$NS" approvals show "$APPROVAL"

say "9. Amy asked and may not approve, nor pretend to be Bob; Bob may"
deny() { printf '$ %s\n' "$*"; if "$@" 2>&1; then echo "expected a refusal"; exit 1; fi; }
deny kubectl -n "$NS" --as=amy patch appr "$APPROVAL" --type=merge -p '{"spec":{"decisions":{"amy":{"verdict":"Approve"}}}}'
deny kubectl -n "$NS" --as=amy patch appr "$APPROVAL" --type=merge -p '{"spec":{"decisions":{"bob":{"verdict":"Approve"}}}}'
../plugin/kubectl-wheelhouse -n "$NS" approvals approve "$APPROVAL" --reason "we need them" --as bob

say "10. The call is made once, and the journal says who let it happen"
show kubectl -n "$NS" wait arun/refit --for=condition=Complete --timeout=120s
../plugin/kubectl-wheelhouse -n "$NS" transcript refit
show kubectl -n "$NS" get appr
[ "$(k get arun refit -o jsonpath='{.status.conditions[?(@.type=="Succeeded")].status}')" = True ]

say "11. An agent that runs code: Python in a sandbox that reaches nothing makes a chart of a CSV"
k apply -f csv-report/ >/dev/null
show kubectl -n "$NS" wait arun/sales-report --for=condition=Complete --timeout=180s
../plugin/kubectl-wheelhouse -n "$NS" transcript sales-report
kubectl -n "$NS" get arun sales-report -o jsonpath='{range .status.conditions[?(@.type=="NetworkIsolated")]}{.type}={.status}: {.message}{"\n"}{end}'
[ "$(k get arun sales-report -o jsonpath='{.status.conditions[?(@.type=="Succeeded")].status}')" = True ]

say "12. What it left, fetched and checked"
show ../plugin/kubectl-wheelhouse -n "$NS" artifacts sales-report
OUT=$(mktemp -d)
../plugin/kubectl-wheelhouse -n "$NS" artifacts sales-report chart.svg -o "$OUT/chart.svg"
../plugin/kubectl-wheelhouse -n "$NS" artifacts sales-report report.md -o "$OUT/report.md"
cat "$OUT/report.md"

echo
echo "Look around:  export KUBECONFIG=${KUBECONFIG:-~/.kube/config}; kubectl -n $NS describe arun order"
