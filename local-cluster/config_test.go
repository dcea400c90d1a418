package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var sample = Cluster{Dir: "/src/local-cluster", State: "/src/local-cluster/.state"}

func TestEverythingTheComponentsWriteIsBelowTheState(t *testing.T) {
	for _, name := range componentNames {
		for _, arg := range sample.component(name).args {
			_, value, found := strings.Cut(arg, "=")
			if found && strings.HasPrefix(value, "/") && !strings.HasPrefix(value, sample.State+"/") {
				t.Errorf("%s has a path outside of the state: %s", name, arg)
			}
		}
	}
	for _, line := range strings.Split(sample.containerdConfig("overlayfs"), "\n") {
		key, value, _ := strings.Cut(line, " = ")
		// What it keeps for running pods only is elsewhere, and cleaned by its fixed path.
		ours := strings.HasPrefix(value, `"`+sample.State+"/") || strings.HasPrefix(value, `"`+containerdState)
		if strings.HasPrefix(value, `"/`) && !ours {
			t.Errorf("containerd's %s is outside of the state: %s", strings.TrimSpace(key), value)
		}
	}
}

func TestCNIConfigIsValid(t *testing.T) {
	conf := struct {
		Plugins []struct{ Ipam struct{ DataDir string } }
	}{}
	if err := json.Unmarshal([]byte(sample.cniConfig()), &conf); err != nil {
		t.Fatal(err)
	}
	if got := conf.Plugins[0].Ipam.DataDir; got != "/src/local-cluster/.state/cni/ipam" {
		t.Errorf("addresses are kept in %s: a cold start would not clear them", got)
	}
}

func TestAuditOnlyWhenAskedFor(t *testing.T) {
	c := Cluster{State: t.TempDir()}
	has := func() bool {
		return strings.Contains(strings.Join(c.component("apiserver").args, " "), "--audit-log-path")
	}
	steps := []struct {
		value string
		want  bool
	}{{"", false}, {"1", true}, {"", true}, {"0", false}}
	for _, step := range steps {
		if err := c.setAuditing(step.value); err != nil {
			t.Fatal(err)
		}
		if has() != step.want {
			t.Errorf("after AUDIT=%q the audit log is %t, want %t", step.value, has(), step.want)
		}
	}
}

func TestCertificatesAreTrustedAndNamed(t *testing.T) {
	c := Cluster{State: t.TempDir()}
	if err := c.ensurePKI(); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(readCert(t, c.pki("ca.crt")))
	server := readCert(t, c.pki("apiserver.crt"))
	if _, err := server.Verify(x509.VerifyOptions{Roots: roots, DNSName: "kubernetes.default.svc"}); err != nil {
		t.Error(err)
	}
	for _, ip := range []string{"127.0.0.1", nodeIP, kubernetesIP} {
		if err := server.VerifyHostname(net.ParseIP(ip).String()); err != nil {
			t.Error(err)
		}
	}
	if got := readCert(t, c.pki("kubelet.crt")).Subject.String(); got != "CN=system:node:node1,O=system:nodes" {
		t.Errorf("the kubelet is %s", got)
	}
	before, _ := os.ReadFile(c.path("kubeconfig"))
	if err := c.ensurePKI(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(c.path("kubeconfig")); string(after) != string(before) {
		t.Error("a second start made new certificates")
	}
	if info, _ := os.Stat(c.path("kubeconfig")); info.Mode().Perm() != 0o600 {
		t.Errorf("the kubeconfig has mode %s", info.Mode())
	}
}

func readCert(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestLocate(t *testing.T) {
	t.Setenv("WHEELHOUSE_CLUSTER_DIR", "/src/local-cluster")
	t.Setenv("XDG_CACHE_HOME", "/cache")
	t.Setenv("WHEELHOUSE_STATE", "")
	c, err := locate()
	if err != nil || c.State != "/src/local-cluster/.state" || c.Cache != "/cache/wheelhouse" {
		t.Errorf("%+v %v", c, err)
	}
	t.Setenv("WHEELHOUSE_STATE", "/"+strings.Repeat("long/", 20))
	if _, err := locate(); err == nil || !strings.Contains(err.Error(), "WHEELHOUSE_STATE") {
		t.Errorf("a path too long for sockets gives %v", err)
	}
}

func TestProgramName(t *testing.T) {
	for pkg, want := range map[string]string{
		"go.etcd.io/etcd/server/v3": "server", "helm.sh/helm/v3/cmd/helm": "helm", "github.com/opencontainers/runc": "runc",
		"k8s.io/kubernetes/cmd/kube-proxy": "kube-proxy",
	} {
		if got := programName(pkg); got != want {
			t.Errorf("%s: %s, want %s", pkg, got, want)
		}
	}
}

func TestBinaryCacheFollowsTheModuleFiles(t *testing.T) {
	dir := t.TempDir()
	for _, m := range modules {
		for _, f := range []string{"go.mod", "go.sum", "main.go"} {
			folder := m.folder
			if folder == "." {
				folder = "pause"
			}
			if err := write(filepath.Join(dir, folder, f), folder+f, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	folders := func() map[string]string {
		all := map[string]string{}
		for _, m := range modules {
			folder, err := Cluster{Dir: dir, Cache: "/cache"}.binaryCache(m)
			if err != nil || filepath.Dir(folder) != "/cache" {
				t.Fatal(folder, err)
			}
			all[m.folder] = folder
		}
		return all
	}
	for changed, file := range map[string]string{"runc": "runc/go.sum", "coredns": "coredns/main.go", ".": "pause/main.go"} {
		before := folders()
		write(filepath.Join(dir, file), "changed", 0o644)
		for module, folder := range folders() {
			if (folder != before[module]) != (module == changed) {
				t.Errorf("after a change of %s: %s was %s, is %s", file, module, before[module], folder)
			}
		}
	}
}

func TestAClusterOfOlderSourcesGetsTheIdentitiesItLacks(t *testing.T) {
	c := Cluster{State: t.TempDir()}
	if err := c.ensurePKI(); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(c.pki("kubelet.crt"))
	for _, file := range []string{c.pki("coredns.crt"), c.pki("coredns.key"), c.path("coredns.kubeconfig")} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ensurePKI(); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(readCert(t, c.pki("ca.crt")))
	cert := readCert(t, c.pki("coredns.crt"))
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if cert.Subject.CommonName != dnsUser || !fileExists(c.path("coredns.kubeconfig")) {
		t.Errorf("the DNS server is %s", cert.Subject)
	}
	if after, _ := os.ReadFile(c.pki("kubelet.crt")); string(after) != string(before) {
		t.Error("another certificate was made anew")
	}
}

func TestPodsAreToldTheDNSServiceThatIsMade(t *testing.T) {
	if config := sample.kubeletConfig(); !strings.Contains(config, "clusterDNS: ["+dnsServiceIP+"]\nclusterDomain: "+dnsDomain+"\n") {
		t.Error(config)
	}
	if corefile := sample.corefile(); !strings.Contains(corefile, "bind "+nodeIP+"\n") || !strings.Contains(corefile, "kubeconfig "+sample.State+"/coredns.kubeconfig\n") {
		t.Error(corefile)
	}
	_, network, _ := net.ParseCIDR(serviceCIDR)
	if !network.Contains(net.ParseIP(dnsServiceIP)) {
		t.Error(dnsServiceIP)
	}
	for _, o := range dnsObjects {
		_, name, _ := strings.Cut(o.content, "metadata: {name: ")
		name, _, _ = strings.Cut(strings.ReplaceAll(name, `"`, ""), ",")
		name, _, _ = strings.Cut(name, "}")
		if !strings.HasSuffix(o.path, "/"+name) {
			t.Errorf("%s has %s", o.path, o.content)
		}
	}
}
