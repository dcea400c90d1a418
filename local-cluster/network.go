package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// guard is our own packet filter table: pods reach the world by the machine's address, and the
// API server and the kubelet, which listen on all addresses, are for this machine and its pods. The
// address of a cloud's metadata service leads to a stand-in, and no further: whether a pod can reach
// it is a question that tests ask. Pods have no IPv6 but what a link brings by itself; it leads nowhere.
const guard = `table ip ` + natTable + `
delete table ip ` + natTable + `
table ip ` + natTable + ` {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr ` + podCIDR + ` ip daddr != { ` + podCIDR + `, ` + serviceCIDR + `, 224.0.0.0/4 } masquerade
	}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "veth*" ip daddr ` + metadataIP + ` tcp dport 80 dnat to ` + nodeIP + `:` + metadataPort + `
	}
	chain forward {
		type filter hook forward priority filter - 10; policy accept;
		ip daddr 169.254.0.0/16 drop
	}
	chain input {
		type filter hook input priority filter - 10; policy accept;
		tcp dport { 6443, 10250 } ip daddr != { 127.0.0.0/8, ` + podCIDR + ` } drop
		iifname != { "lo", "` + bridge + `", "veth*" } ip daddr ` + podCIDR + ` drop
	}
}
table ip6 ` + natTable + `
delete table ip6 ` + natTable + `
table ip6 ` + natTable + ` {
	chain input {
		type filter hook input priority filter - 10; policy accept;
		iifname "veth*" drop
	}
	chain forward {
		type filter hook forward priority filter - 10; policy accept;
		iifname "veth*" drop
	}
}
`

// makeNetwork makes the bridge that carries the node's address, and the guard table.
func (c Cluster) makeNetwork() error {
	if _, exists := bridgeOwner(); !exists {
		for _, args := range [][]string{
			{"link", "add", bridge, "type", "bridge"},
			{"link", "set", bridge, "alias", aliasPrefix + c.State},
			{"addr", "add", nodeIP + "/16", "dev", bridge},
			{"link", "set", bridge, "up"},
		} {
			if _, err := output("ip", args...); err != nil {
				return err
			}
		}
	}
	if err := write(c.path("config", "guard.nft"), guard, 0o644); err != nil {
		return err
	}
	if _, err := output("nft", "-f", c.path("config", "guard.nft")); err != nil {
		return err
	}
	return c.allowForwarding()
}

// forwardRules are needed where another program (a container engine) drops forwarded packets.
func forwardRules() [][]string {
	return [][]string{
		{"FORWARD", "-s", podCIDR, "-m", "comment", "--comment", natTable, "-j", "ACCEPT"},
		{"FORWARD", "-d", podCIDR, "-m", "comment", "--comment", natTable, "-j", "ACCEPT"},
	}
}

func (c Cluster) allowForwarding() error {
	rules, err := output("iptables", "-S", "FORWARD")
	if err != nil || !strings.Contains(rules, "-P FORWARD DROP") || strings.Contains(rules, "--comment "+natTable) {
		return nil
	}
	for _, rule := range forwardRules() {
		if _, err := output("iptables", append([]string{"-I"}, rule...)...); err != nil {
			return err
		}
	}
	return nil
}

// removeNetwork removes the pods' links, the bridge and all tables; kube-proxy leaves its own.
func removeNetwork() {
	for _, link := range podLinks() {
		output("ip", "link", "delete", link)
	}
	if owner, _ := bridgeOwner(); filepath.IsAbs(owner) {
		output("ip", "link", "delete", bridge)
	}
	for _, table := range []string{natTable, policyTable, "kube-proxy"} {
		output("nft", "delete", "table", "ip", table)
		output("nft", "delete", "table", "ip6", table)
	}
	if rules, err := output("iptables", "-S", "FORWARD"); err == nil && strings.Contains(rules, "--comment "+natTable) {
		for _, rule := range forwardRules() {
			output("iptables", append([]string{"-D"}, rule...)...)
		}
	}
}

// podLinks are the host's ends of the pods' links: they carry the gateway's address.
func podLinks() []string {
	out, err := output("ip", "-json", "address", "show", "to", nodeIP+"/32")
	if err != nil {
		return nil
	}
	links := []struct{ Ifname string }{}
	json.Unmarshal([]byte(out), &links)
	names := []string{}
	for _, l := range links {
		if strings.HasPrefix(l.Ifname, "veth") {
			names = append(names, l.Ifname)
		}
	}
	return names
}

// kernelSettings are changed while the cluster runs: by us, and by the kubelet, which wants them so.
var kernelSettings = []string{"net/ipv4/ip_forward", "vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic",
	"kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes", "net/ipv4/conf/all/route_localnet",
	"net/netfilter/nf_conntrack_max", "net/netfilter/nf_conntrack_tcp_timeout_established",
	"net/netfilter/nf_conntrack_tcp_timeout_close_wait"}

// saveKernelSettings remembers them once, before the first component starts.
func (c Cluster) saveKernelSettings() error {
	if _, err := os.Stat(c.path("kernel-settings.json")); err == nil {
		return nil
	}
	values := map[string]string{}
	for _, name := range kernelSettings {
		if data, err := os.ReadFile("/proc/sys/" + name); err == nil {
			values[name] = strings.TrimSpace(string(data))
		}
	}
	data, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return err
	}
	return write(c.path("kernel-settings.json"), string(data)+"\n", 0o644)
}

func restoreKernelSettings(state string) {
	file := filepath.Join(state, "kernel-settings.json")
	data, err := os.ReadFile(file)
	values := map[string]string{}
	if err != nil || json.Unmarshal(data, &values) != nil {
		return
	}
	for name, value := range values {
		path := "/proc/sys/" + name
		if now, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(now)) != value {
			os.WriteFile(path, []byte(value+"\n"), 0o644)
		}
	}
	os.Remove(file)
}

func allowRouting() error {
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1\n"), 0o644); err != nil {
		return fmt.Errorf("routing between pods: %w", err)
	}
	return nil
}
