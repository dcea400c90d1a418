package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// neededPorts are the addresses the components listen on.
var neededPorts = []string{
	"127.0.0.1:2379", "127.0.0.1:2380", "0.0.0.0:6443", "127.0.0.1:10248", "127.0.0.1:10249",
	nodeIP + ":53", nodeIP + ":10250", dnsReadyAt, "127.0.0.1:10256", "127.0.0.1:10257", "127.0.0.1:10259",
}

// otherClusters are the state folders, apart from ours, with live components. Shims and pods
// alone do not count: a cluster that lost all of its components is dead.
func otherClusters(own string, list []process) []string {
	found := []string{}
	for _, p := range list {
		state, program := stateOf(p.args)
		if state == "" || state == own || program == "containerd-shim-runc-v2" || slices.Contains(found, state) {
			continue
		}
		found = append(found, state)
	}
	return sorted(found)
}

// checkOthers refuses to start next to another clone's live cluster or a foreign program on one
// of our ports: two clusters would fight over bridge, ports and packet filter.
func (c Cluster) checkOthers() error {
	if owner, exists := bridgeOwner(); exists && !filepath.IsAbs(owner) {
		return fmt.Errorf("a network interface %s exists that no local cluster made: remove it with  ip link delete %s", bridge, bridge)
	}
	if others := otherClusters(c.State, processes()); len(others) > 0 {
		return fmt.Errorf("another local cluster runs on this machine, of the folder %s\nstop it with:  WHEELHOUSE_STATE=%s %s down",
			others[0], others[0], filepath.Join(c.Dir, "cluster"))
	}
	return nil
}

// checkPorts names who holds a port we need.
func checkPorts() error {
	for _, address := range neededPorts {
		l, err := net.Listen("tcp4", address)
		if err == nil {
			l.Close()
			continue
		}
		if strings.Contains(err.Error(), "address already in use") {
			return fmt.Errorf("the address %s is taken by %s: stop that program first", address, portHolder(address))
		}
	}
	return nil
}

// portHolder finds the program that listens on a port.
func portHolder(address string) string {
	_, port, _ := net.SplitHostPort(address)
	out, err := output("ss", "-Hltnp", "sport = :"+port)
	if err != nil || strings.TrimSpace(out) == "" {
		return "an unknown program"
	}
	if _, users, ok := strings.Cut(out, "users:"); ok {
		return strings.TrimSpace(strings.Split(users, "\n")[0])
	}
	return strings.TrimSpace(out)
}

// aliasPrefix marks the bridge as ours.
const aliasPrefix = "wheelhouse:"

// bridgeOwner is the state folder that made the bridge; it is written in the bridge's alias, so
// that it disappears with the bridge, and stays when the folder is gone. A bridge without it is
// somebody else's.
func bridgeOwner() (state string, exists bool) {
	data, err := os.ReadFile("/sys/class/net/" + bridge + "/ifalias")
	if err != nil {
		return "", false
	}
	state, ours := strings.CutPrefix(strings.TrimSpace(string(data)), aliasPrefix)
	if !ours {
		return "", true
	}
	return state, true
}

// mountsBelow lists the mount points below a folder, deepest first, from the text of mountinfo.
func mountsBelow(folder, mountinfo string) []string {
	found := []string{}
	scanner := bufio.NewScanner(strings.NewReader(mountinfo))
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 5 {
			continue
		}
		point := unescapeMount(fields[4])
		if strings.HasPrefix(point, folder+"/") {
			found = append(found, point)
		}
	}
	slices.Reverse(found) // later mounts lie on top of earlier ones
	return found
}

// unescapeMount undoes the kernel's octal escapes; a removed mount point has //deleted at its end.
func unescapeMount(s string) string {
	s = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
	return strings.TrimSuffix(s, "//deleted")
}

// staleStates are the state folders whose leftovers have to go before ours can start: our own,
// the bridge's owner, and those named by orphaned shims.
func staleStates(own, owner string, list []process) []string {
	states := []string{own}
	if filepath.IsAbs(owner) && owner != own {
		states = append(states, owner)
	}
	for _, p := range list {
		if state, _ := stateOf(p.args); state != "" && !slices.Contains(states, state) {
			states = append(states, state)
		}
	}
	return states
}
