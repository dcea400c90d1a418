package main

import (
	"fmt"
	"os"
	"strings"
)

// ownProgram is this program as the enforcer of NetworkPolicies and, by another name, as a CNI plugin.
const (
	ownProgram = "local-cluster"
	netpolFlag = "--enforce-network-policies="
)

// component is one long-running process of the cluster.
type component struct {
	name string // pid file, log file
	bin  string
	args []string
	env  []string
}

// componentNames in the order they start. Their pid files are .state/<name>.pid.
var componentNames = []string{"etcd", "containerd", "apiserver", "kcm", "scheduler", "netpol", "dns", "kubelet", "kube-proxy"}

func (c Cluster) component(name string) component {
	switch name {
	case "etcd":
		return component{name: name, bin: "etcd", args: []string{
			"--data-dir=" + c.path("etcd"),
			"--listen-client-urls=" + etcdURL, "--advertise-client-urls=" + etcdURL,
			"--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
			"--initial-cluster=default=http://127.0.0.1:2380",
			"--quota-backend-bytes=8589934592",
			"--unsafe-no-fsync", // a test cluster may lose its data with the machine
			"--log-level=warn",
		}}
	case "containerd":
		// containerd finds its shim and runc on PATH.
		return component{name: name, bin: "containerd",
			args: []string{"--config=" + c.path("containerd", "config.toml")},
			env:  []string{"PATH=" + c.path("bin") + ":" + os.Getenv("PATH")}}
	case "apiserver":
		// Its heap is small and dies young: a quarter of the collections, for some hundred MiB.
		return component{name: name, bin: "kube-apiserver", args: c.apiServerArgs(c.auditing()), env: []string{"GOGC=400"}}
	case "kcm":
		return component{name: name, bin: "kube-controller-manager", args: []string{
			"--kubeconfig=" + c.path("kube-controller-manager.kubeconfig"),
			"--authentication-kubeconfig=" + c.path("kube-controller-manager.kubeconfig"),
			"--authorization-kubeconfig=" + c.path("kube-controller-manager.kubeconfig"),
			"--bind-address=127.0.0.1", "--leader-elect=false",
			"--service-account-private-key-file=" + c.pki("sa.key"), "--root-ca-file=" + c.pki("ca.crt"),
			"--use-service-account-credentials=true",
			"--cluster-signing-cert-file=" + c.pki("ca.crt"), "--cluster-signing-key-file=" + c.pki("ca.key"),
			"--kube-api-qps=500", "--kube-api-burst=1000",
			"--concurrent-gc-syncs=50", "--concurrent-namespace-syncs=50", "--concurrent-job-syncs=20",
			"--concurrent-replicaset-syncs=20", "--concurrent-deployment-syncs=20", "--concurrent-statefulset-syncs=20",
			"--namespace-sync-period=1m", "--flex-volume-plugin-dir=" + c.path("kubelet", "volume-plugins"),
		}}
	case "scheduler":
		return component{name: name, bin: "kube-scheduler", args: []string{
			"--config=" + c.path("config", "kube-scheduler.yaml"), "--bind-address=127.0.0.1",
			"--authentication-kubeconfig=" + c.path("kube-scheduler.kubeconfig"),
			"--authorization-kubeconfig=" + c.path("kube-scheduler.kubeconfig"),
		}}
	case "kubelet":
		return component{name: name, bin: "kubelet", args: []string{
			"--config=" + c.path("config", "kubelet.yaml"), "--kubeconfig=" + c.path("kubelet.kubeconfig"),
			"--hostname-override=" + nodeName, "--node-ip=" + nodeIP, "--root-dir=" + c.path("kubelet"),
			"--cert-dir=" + c.path("kubelet", "pki"),
		}}
	case "kube-proxy":
		return component{name: name, bin: "kube-proxy", args: []string{"--config=" + c.path("config", "kube-proxy.yaml")}}
	case "dns":
		return component{name: name, bin: "coredns", args: []string{"-conf=" + c.path("config", "Corefile")}}
	case "netpol":
		return component{name: name, bin: ownProgram, args: []string{netpolFlag + c.State + "/"}}
	}
	panic("no component " + name)
}

func (c Cluster) apiServerArgs(audit bool) []string {
	args := []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=0.0.0.0", // the guard table lets only this machine and its pods in
		fmt.Sprintf("--secure-port=%d", apiServerPort), "--advertise-address=" + nodeIP,
		"--service-cluster-ip-range=" + serviceCIDR,
		"--tls-cert-file=" + c.pki("apiserver.crt"), "--tls-private-key-file=" + c.pki("apiserver.key"),
		"--cert-dir=" + c.path("pki"),
		"--client-ca-file=" + c.pki("ca.crt"),
		"--service-account-key-file=" + c.pki("sa.pub"), "--service-account-signing-key-file=" + c.pki("sa.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--kubelet-client-certificate=" + c.pki("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + c.pki("apiserver-kubelet-client.key"),
		"--kubelet-certificate-authority=" + c.pki("ca.crt"),
		"--kubelet-preferred-address-types=InternalIP", // otherwise kubectl logs looks up the node's name
		"--requestheader-client-ca-file=" + c.pki("ca.crt"), "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + c.pki("front-proxy.crt"), "--proxy-client-key-file=" + c.pki("front-proxy.key"),
		"--max-requests-inflight=1600", "--max-mutating-requests-inflight=800",
		"--shutdown-delay-duration=0s",
	}
	if audit {
		args = append(args, "--audit-policy-file="+c.path("config", "audit.yaml"),
			"--audit-log-path="+c.path("audit.log"), "--audit-log-maxsize=10000", "--audit-log-maxbackup=1")
	}
	return args
}

// auditing says whether the API server writes its audit log: the last AUDIT=1 or AUDIT=0 counts,
// so that an "up" that only restarts something does not change it.
func (c Cluster) auditing() bool {
	_, err := os.Stat(c.path("audit.on"))
	return err == nil
}

func (c Cluster) setAuditing(value string) error {
	switch strings.ToLower(value) {
	case "":
		return nil
	case "1", "true", "yes", "on":
		return write(c.path("audit.on"), "", 0o644)
	}
	if err := os.Remove(c.path("audit.on")); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
