package main

import (
	"encoding/base64"
	"fmt"
	"os"
)

// configFile is a rendered file and the component that reads it when it starts.
type configFile struct{ path, content, reader string }

func (c Cluster) configFiles() []configFile {
	return []configFile{
		{c.path("containerd", "config.toml"), c.containerdConfig(snapshotterFor(c.State)), "containerd"},
		{c.path("cni", "net.d", "10-wheelhouse.conflist"), c.cniConfig(), ""},
		{c.path("config", "kubelet.yaml"), c.kubeletConfig(), "kubelet"},
		{c.path("config", "kube-proxy.yaml"), c.kubeProxyConfig(), "kube-proxy"},
		{c.path("config", "kube-scheduler.yaml"), c.schedulerConfig(), "scheduler"},
		{c.path("config", "Corefile"), c.corefile(), "dns"},
		{c.path("config", "audit.yaml"), auditPolicy, "apiserver"},
		{c.path("config", "resolv.conf"), "", ""},
	}
}

// staleConfig are the files that are not as these sources want them.
func (c Cluster) staleConfig() []configFile {
	stale := []configFile{}
	for _, f := range c.configFiles() {
		if data, err := os.ReadFile(f.path); err != nil || string(data) != f.content {
			stale = append(stale, f)
		}
	}
	return stale
}

// writeConfig renders the configuration files below the state folder. A component that runs with
// an older one is stopped: it is started again with the new one.
func (c Cluster) writeConfig() error {
	for _, f := range c.staleConfig() {
		if err := write(f.path, f.content, 0o644); err != nil {
			return err
		}
		if f.reader == "" {
			continue
		}
		if pid, _ := c.running(c.component(f.reader)); pid != 0 {
			say("%s has a new configuration: restarting it", f.reader)
			stop(pid, patience)
		}
	}
	return nil
}

// kubeconfig is one user's way into the cluster.
func kubeconfig(user string, ca, cert, key []byte) string {
	b := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: wheelhouse
clusters:
- name: wheelhouse
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: wheelhouse
  context:
    cluster: wheelhouse
    user: %s
`, apiServerURL, b(ca), user, b(cert), b(key), user)
}

// containerdConfig keeps everything, the network namespaces' mounts included, below the state
// folder: what a hard stop leaves behind is then found by its path.
func (c Cluster) containerdConfig(snapshotter string) string {
	return fmt.Sprintf(`version = 3
root = %q
state = %q

[grpc]
  address = %q

[plugins.'io.containerd.internal.v1.opt']
  path = %q

[plugins.'io.containerd.nri.v1.nri']
  disable = true

[plugins.'io.containerd.cri.v1.images']
  snapshotter = %q
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = %q

[plugins.'io.containerd.cri.v1.runtime']
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  enable_cdi = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni", "/opt/cni/bin", %q]
    conf_dir = %q
    use_internal_loopback = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        Root = %q
`, c.path("containerd", "root"), containerdState, c.containerdSocket(),
		c.path("containerd", "opt"), snapshotter, pauseImage, c.path("cni", "bin"), c.path("cni", "net.d"), containerdState+"/runc")
}

// cniConfig joins each pod to the host by a point-to-point link. Traffic between two pods is
// then routed, not bridged: Service addresses work for pods of the same node without
// br_netfilter, and packet filters see pod-to-pod traffic in the ordinary forward hook.
func (c Cluster) cniConfig() string {
	return fmt.Sprintf(`{
  "cniVersion": "1.0.0",
  "name": %q,
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {
        "type": "host-local",
        "dataDir": %q,
        "ranges": [[{"subnet": %q, "rangeStart": "10.88.1.0", "gateway": %q}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": %q, "state": %q}
  ]
}
`, cniName, c.path("cni", "ipam"), podCIDR, nodeIP, cniPlugin, c.State)
}

func (c Cluster) kubeletConfig() string {
	return fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: %[2]s
failCgroupV1: false
failSwapOn: false
cgroupDriver: cgroupfs
cgroupRoot: /%[3]s
cgroupsPerQOS: true
enforceNodeAllocatable: []
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true, cacheTTL: 10s}
  x509: {clientCAFile: %[1]s/pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: %[1]s/pki/kubelet.crt
tlsPrivateKeyFile: %[1]s/pki/kubelet.key
clusterDNS: [%[5]s]
clusterDomain: %[6]s
resolvConf: %[1]s/config/resolv.conf
containerRuntimeEndpoint: unix://%[4]s
podLogsDir: %[1]s/pod-logs
volumePluginDir: %[1]s/kubelet/volume-plugins
maxPods: 250
kubeAPIQPS: 500
kubeAPIBurst: 1000
eventRecordQPS: 500
eventBurst: 1000
serializeImagePulls: false
evictionHard: {}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
podPidsLimit: 512
makeIPTablesUtilChains: false
registerNode: true
shutdownGracePeriod: 0s
`, c.State, nodeIP, cgroupName, c.containerdSocket(), dnsServiceIP, dnsDomain)
}

func (c Cluster) kubeProxyConfig() string {
	return fmt.Sprintf(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
hostnameOverride: %s
clusterCIDR: %s
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
clientConnection: {kubeconfig: %s, qps: 200, burst: 400}
conntrack: {maxPerCore: 0, min: 0}
nftables: {minSyncPeriod: 100ms, syncPeriod: 30s}
`, nodeName, podCIDR, c.path("kube-proxy.kubeconfig"))
}

func (c Cluster) schedulerConfig() string {
	return fmt.Sprintf(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: %s, qps: 500, burst: 1000}
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 2
`, c.path("kube-scheduler.kubeconfig"))
}

// auditPolicy counts finished writes: who, verb and resource, no bodies.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted, Panic]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: None
`
