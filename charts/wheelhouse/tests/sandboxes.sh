#!/usr/bin/env bash
# Part of policies.sh: what the operator may make as a sandbox and around it, and who may pose as one. Sourced by it.
echo "# sandboxes"
shape=$(kubectl get validatingadmissionpolicies wheelhouse-sandbox-shape -o 'jsonpath={.spec}')
daemon=$(grep -oE "installer from image [^ \"]+" <<<"$shape" | head -1 | cut -d' ' -f4)
users=$(grep -q 'variables.pod.hostUsers' <<<"$shape" && echo 'hostUsers: false,')
limits_of='resources: {limits: {cpu: "1", memory: 128Mi, ephemeral-storage: 1Gi}, requests: {cpu: 100m}}'
closed='securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}'
# sandbox FROM TO: the pod as the operator makes it, with the first match of FROM replaced.
sandbox() {
  local pod
  pod=$(cat <<Y
apiVersion: v1
kind: Pod
metadata: {name: wheelhouse-sandbox-x, namespace: $NS, labels: {wheelhouse.dev/role: sandbox}}
spec:
  {serviceAccountName: wheelhouse-sandbox, automountServiceAccountToken: false, enableServiceLinks: false, $users
  dnsPolicy: None, dnsConfig: {nameservers: [127.0.0.1]}, restartPolicy: Never, activeDeadlineSeconds: 3600,
  terminationGracePeriodSeconds: 5,
  securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}},
  initContainers: [{name: sandboxd, image: "$daemon", command: [/opt/sandboxd/bin/java, '@/opt/sandboxd/install.args', /wheelhouse], $closed, $limits_of}],
  containers: [{name: sandbox, image: any, command: [/wheelhouse/bin/java, '@/wheelhouse/sandboxd.args'], $closed, $limits_of,
    env: [{name: HOME, value: /workspace}, {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}],
  volumes: [{name: workspace, emptyDir: {sizeLimit: 1Gi}},
    {name: identity, projected: {sources: [{serviceAccountToken: {audience: wheelhouse-sandbox, expirationSeconds: 600, path: token}}]}}]}
Y
)
  [ $# = 0 ] || [[ $pod == *"$1"* ]] || { failed "sandbox: nothing to replace: $1"; return; }
  [ $# = 0 ] && echo "$pod" || echo "${pod/"$1"/"$2"}"
}
kubectl -n "$NS" create serviceaccount wheelhouse-sandbox >/dev/null
sandbox | allowed "a sandbox" "${make[@]}"
sandbox 'emptyDir: {sizeLimit: 1Gi}' 'persistentVolumeClaim: {claimName: wheelhouse-workspace-1}' | allowed "a sandbox with a kept workspace" "${make[@]}"
no() { local name=$1 pattern=$2; shift 2; sandbox "$@" | refused "a sandbox with $name" "$pattern" "${make[@]}"; }
no "another name" "no pods but sandboxes" 'name: wheelhouse-sandbox-x' 'name: web'
no "another label" "no pods but sandboxes" 'role: sandbox' 'role: runtime'
no "another account" "use service account wheelhouse-sandbox" 'serviceAccountName: wheelhouse-sandbox' 'serviceAccountName: somebody'
no "its account's token" "without its token" 'automountServiceAccountToken: false' 'automountServiceAccountToken: true'
no "service links" "service links" 'enableServiceLinks: false' 'enableServiceLinks: true'
for field in hostNetwork hostPID hostIPC shareProcessNamespace; do
  no "$field" "share nothing with their node|hostUsers" 'dnsPolicy: None' "$field: true, dnsPolicy: None"
done
[ -z "$users" ] || no "the node's users" "its users included" 'hostUsers: false,' ''
no "a node of its choice" "choose none|choose no node" 'dnsPolicy: None' 'nodeName: node1, dnsPolicy: None'
no "tolerations" "choose no node" 'dnsPolicy: None' 'tolerations: [{operator: Exists}], dnsPolicy: None'
no "DNS" "have no DNS" 'nameservers: [127.0.0.1]' 'nameservers: [127.0.0.1, 8.8.8.8]'
no "the cluster's DNS" "have no DNS" 'dnsPolicy: None' 'dnsPolicy: ClusterFirst'
no "restarts" "do not start again" 'restartPolicy: Never' 'restartPolicy: OnFailure'
no "no end" "do not start again" 'activeDeadlineSeconds: 3600,' ''
no "root" "run as user and group 65532" 'runAsUser: 65532' 'runAsUser: 0'
no "no seccomp" "RuntimeDefault seccomp" 'type: RuntimeDefault' 'type: Unconfined'
no "a writable root" "read-only root" 'readOnlyRootFilesystem: true' 'readOnlyRootFilesystem: false'
no "a capability" "no capabilities" 'drop: [ALL]' 'drop: [ALL], add: [NET_RAW]'
no "privilege escalation" "no privilege escalation" 'allowPrivilegeEscalation: false' 'allowPrivilegeEscalation: true'
no "another daemon" "its installer from image" "$daemon" evil.example/x
no "another command" "starts the daemon" '/wheelhouse/bin/java' 'sh'
no "arguments" "starts the daemon" 'image: any' 'image: any, args: [x]'
no "a port" "starts the daemon" 'image: any' 'image: any, ports: [{containerPort: 80}]'
no "a hook" "starts the daemon" 'image: any' 'image: any, lifecycle: {preStop: {exec: {command: [sh]}}}'
no "a second container" "are one container sandbox|have a read-only root" 'containers: [{name: sandbox' 'containers: [{name: other, image: other}, {name: sandbox'
no "no limit of memory" "have limits" 'memory: 128Mi, ' ''
no "a Secret in its environment" "no environment" '{name: HOME, value: /workspace}' '{name: HOME, valueFrom: {secretKeyRef: {name: key, key: token}}}'
no "more environment" "no environment" 'name: HOME' 'name: LD_PRELOAD'
for volume in 'hostPath: {path: /}' 'secret: {secretName: key}' 'configMap: {name: prompt}' 'emptyDir: {}' 'persistentVolumeClaim: {claimName: data}'; do
  no "volume $volume" "mount only" 'emptyDir: {sizeLimit: 1Gi}' "$volume"
done
no "a token for the API server" "mount only" 'audience: wheelhouse-sandbox, ' ''
no "a token of another audience" "mount only" 'audience: wheelhouse-sandbox' 'audience: vault'
no "a token for a day" "mount only" 'expirationSeconds: 600' 'expirationSeconds: 86400'

sandbox 'image: any' 'image: does.not/exist' | allowed "a warm sandbox is made" "${operator[@]}" create -f -
patch=("${operator[@]}" patch pod wheelhouse-sandbox-x --type=merge)
label='{"metadata":{"labels":{"wheelhouse.dev/sandbox-key":"KEY"}}}'
refused "the operator changes it otherwise" "only to write whose it is" "${patch[@]}" "${dry[@]}" -p '{"metadata":{"annotations":{"a":"b"}}}'
refused "the operator takes the label off with it" "no pods but sandboxes" "${patch[@]}" "${dry[@]}" -p '{"metadata":{"labels":{"wheelhouse.dev/role":null,"wheelhouse.dev/sandbox-key":"k"}}}'
allowed "the operator writes whose it is" "${patch[@]}" -p "${label/KEY/one}"
refused "a second time" "and that once" "${patch[@]}" "${dry[@]}" -p "${label/KEY/two}"
refused "an editor takes a sandbox out of its network policy" "may not start or change" "${editor[@]}" label pod wheelhouse-sandbox-x wheelhouse.dev/role- "${dry[@]}"
refused "an editor enters a sandbox" "is the sandbox of a Wheelhouse run" "${editor[@]}" $(exec_in wheelhouse-sandbox-x)
allowed "the operator deletes it" "${operator[@]}" delete pod wheelhouse-sandbox-x --grace-period=1 --wait=false
refused "an editor asks for a sandbox's token" "may not ask for its tokens" "${editor[@]}" create token wheelhouse-sandbox --audience=wheelhouse-sandbox
pod wheelhouse-sandbox | refused "an editor starts a pod as a sandbox" "may not start or change" "${editor[@]}" create "${dry[@]}" -f -
for role in runtime sandbox; do
  echo "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {wheelhouse.dev/role: $role}}, spec: {containers: [{name: c, image: i}]}}" |
    refused "an editor labels a pod as a $role" "may not start or change" "${editor[@]}" create "${dry[@]}" -f -
done

taken() { # POD [LABELS] [OWNER]
  echo "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: $1, namespace: $NS, labels: {wheelhouse.dev/role: sandbox-claim${2:+, $2}}, ownerReferences: [{apiVersion: v1, kind: Pod, name: ${3:-$1}, uid: ${warm_uid:-u}}]}, spec: {holderIdentity: r, leaseDurationSeconds: 60}}"
}
warm=wheelhouse-sandbox-warm-1
# The garbage collector takes what has no owner.
sandbox 'name: wheelhouse-sandbox-x' "name: $warm" | allowed "another warm sandbox is made" "${operator[@]}" create -f -
warm_uid=$(kubectl -n "$NS" get pod "$warm" -o 'jsonpath={.metadata.uid}')
of_run='wheelhouse.dev/run-uid: u, wheelhouse.dev/sandbox-key: k'
taken $warm "$of_run" | refused "an editor claims a warm sandbox" "says whose a sandbox is" "${editor[@]}" create "${dry[@]}" -f -
taken $warm "$of_run" other | refused "a claim that goes with another pod" "has the name of its pod" "${runtime[@]}" create "${dry[@]}" -f -
taken $warm "$of_run" | refused "the operator claims one for a run" "only for nobody" "${make[@]}"
taken $warm | allowed "the operator claims one for nobody" "${make[@]}"
taken web | refused "the operator claims something else" "writes no leases named web" "${make[@]}"
lease | refused "the operator writes another Lease" "writes no leases named l" "${make[@]}"
taken $warm "$of_run" | allowed "a runtime claims a warm sandbox" "${runtime[@]}" create -f -
for who in runtime editor operator; do
  declare -n as=$who
  refused "the $who takes the claim back" "says whose a sandbox is|cannot delete resource" "${as[@]}" delete lease $warm "${dry[@]}"
  refused "the $who changes it" "says whose a sandbox is|cannot patch resource" "${as[@]}" patch lease $warm "${dry[@]}" --type=merge -p '{"spec":{"holderIdentity":"other"}}'
  unset -n as
done
refused "an editor hides it" "says whose a sandbox is" "${editor[@]}" label lease $warm wheelhouse.dev/role- "${dry[@]}"
allowed "the garbage collector deletes it" "${collector[@]}" delete lease $warm "${dry[@]}"

netpol() { # NAME SELECTOR SPEC
  echo "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: $1, namespace: $NS}, spec: {podSelector: {$2}, $3}}"
}
of() { echo "matchLabels: {wheelhouse.dev/role: $1}"; }
out="policyTypes: [Ingress, Egress], egress: [{to: [{podSelector: {$(of runtime)}}], ports: [{protocol: TCP, port: 8082}]}]"
netpol wheelhouse-sandbox "$(of sandbox)" "$out" | allowed "the sandboxes' network policy" "${make[@]}"
netpol wheelhouse-sandbox "$(of sandbox)" "policyTypes: [Ingress, Egress], egress: [{}]" | refused "an open one" "and nothing else" "${make[@]}"
netpol other "$(of sandbox)" "$out" | refused "another one of the operator" "writes no networkpolicies named other" "${make[@]}"
netpol mine "$(of sandbox)" "policyTypes: [Egress], egress: [{}]" | refused "an editor opens the sandboxes" "keeps closed" "${editor[@]}" create "${dry[@]}" -f -
netpol mine "" "policyTypes: [Ingress]" | allowed "an editor writes other policies" "${editor[@]}" create "${dry[@]}" -f -
service() { echo "{apiVersion: v1, kind: Service, metadata: {name: $1, namespace: $NS}, spec: {type: $2, selector: {wheelhouse.dev/role: runtime}, ports: [{name: sandbox, port: 8082, targetPort: 8082}]}}"; }
service wheelhouse-runtime ClusterIP | allowed "the runtimes' address" "${make[@]}"
service wheelhouse-runtime LoadBalancer | refused "an address outside the cluster" "only within" "${make[@]}"
service web ClusterIP | refused "another Service" "writes no services named web" "${make[@]}"
claim() { echo "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: $1, namespace: $NS, ownerReferences: [{apiVersion: wheelhouse.dev/v1alpha1, kind: Run, name: r, uid: u}]}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}${2:+, $2}}}"; }
claim wheelhouse-workspace-1 | allowed "a workspace" "${make[@]}"
claim data | refused "another claim" "writes no persistentvolumeclaims named data" "${make[@]}"
claim wheelhouse-workspace-1 'dataSource: {kind: PersistentVolumeClaim, name: data}' | refused "a workspace with somebody's data" "begins empty" "${make[@]}"
if kubectl get clusterrole wheelhouse-operator >/dev/null 2>&1; then
  review() { echo create clusterrolebinding "wheelhouse-token-review-$NS" "--clusterrole=$1" "--serviceaccount=$2" "${dry[@]}"; }
  allowed "TokenReviews for the namespace's runtimes" "${operator[@]}" $(review wheelhouse-token-review "$NS:wheelhouse-runtime")
  refused "for another namespace's" "binds nothing in the whole cluster but" "${operator[@]}" $(review wheelhouse-token-review kube-system:wheelhouse-runtime)
  refused "another role in the whole cluster" "binds nothing in the whole cluster but|attempting to grant RBAC permissions" "${operator[@]}" $(review cluster-admin "$NS:wheelhouse-runtime")
  refused "deleting other bindings" "writes no clusterrolebindings named" "${operator[@]}" delete clusterrolebinding wheelhouse-operator "${dry[@]}"
fi
egress() { echo "{apiVersion: wheelhouse.dev/v1alpha1, kind: Agent, metadata: {name: e}, spec: {model: m, instructions: x, sandbox: {egress: [{host: $1, paths: ['/'], credential: {secret: {name: key, key: token}}}]}}}"; }
egress a.example | refused "an author has a key sent out by a sandbox" "spec.sandbox.egress names secrets/key, which amy may not read" "${author[@]}" create "${dry[@]}" -f -
egress a.example | allowed "an editor, who may read it, does" "${editor[@]}" create -f -
egress a.example | allowed "an author leaves it as it is" "${author[@]}" replace "${dry[@]}" -f -
egress evil.example | refused "an author redirects it" "names secrets/key" "${author[@]}" replace "${dry[@]}" -f -
