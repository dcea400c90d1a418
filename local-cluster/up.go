package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// up starts whatever is not running; it returns at once when everything is.
func (c Cluster) up() error {
	start := time.Now()
	if err := c.checkMachine(); err != nil {
		return err
	}
	unlock, err := c.lockState()
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.checkOthers(); err != nil {
		return err
	}
	if err := c.setAuditing(os.Getenv("AUDIT")); err != nil {
		return err
	}
	if c.healthy() {
		say("the cluster already runs: KUBECONFIG=%s", c.path("kubeconfig"))
		return nil
	}
	if err := c.build(); err != nil {
		return err
	}
	built := time.Now()
	if err := c.prepare(); err != nil {
		return err
	}
	if err := c.startAll(); err != nil {
		return err
	}
	say("the cluster is ready after %s (%s of it building): KUBECONFIG=%s",
		time.Since(start).Round(100*time.Millisecond), built.Sub(start).Round(100*time.Millisecond), c.path("kubeconfig"))
	return nil
}

func (c Cluster) lockState() (func(), error) {
	return lock(c.path(".lock"))
}

// checkMachine finds out early what would fail later with a worse message.
func (c Cluster) checkMachine() error {
	if os.Geteuid() != 0 {
		return errors.New("a real kubelet needs root: run this as root (sudo -E)")
	}
	missing := []string{}
	for _, program := range []string{"nft", "ip", "ss", "mount"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	plugins, _ := filepath.Glob("/usr/lib/cni/ptp")
	more, _ := filepath.Glob("/opt/cni/bin/ptp")
	if len(plugins)+len(more) == 0 {
		missing = append(missing, "the CNI plugins")
	}
	if len(missing) > 0 {
		return fmt.Errorf("missing on this machine: %s\nrun %s", strings.Join(missing, ", "), filepath.Join(c.Dir, "prerequisites.sh"))
	}
	return nil
}

func (c Cluster) anyRunning() bool {
	for _, name := range componentNames {
		if pid, _ := c.running(c.component(name)); pid != 0 {
			return true
		}
	}
	return false
}

func (c Cluster) healthy() bool {
	if len(c.staleConfig()) > 0 {
		return false
	}
	for _, name := range componentNames {
		if _, same := c.running(c.component(name)); !same {
			return false
		}
	}
	return c.apiReady() && c.nodeReadySince(time.Time{})
}

// prepare brings the machine into the state the components expect.
func (c Cluster) prepare() error {
	if !c.anyRunning() {
		// Nothing of ours lives: what is left of this cluster, or of another clone's dead one, goes.
		owner, _ := bridgeOwner()
		for _, state := range staleStates(c.State, owner, processes()) {
			if state != c.State {
				say("clearing what a dead cluster of %s left behind", state)
			}
			if err := clean(state); err != nil {
				return err
			}
			if state != c.State {
				restoreKernelSettings(state)
			}
		}
		if err := c.saveKernelSettings(); err != nil {
			return err
		}
	}
	if err := c.makeNetwork(); err != nil {
		return err
	}
	if !c.anyRunning() {
		if err := checkPorts(); err != nil {
			removeNetwork()
			return err
		}
	}
	return errors.Join(allowRouting(), makeCgroups(), c.ensurePKI(), c.writeConfig())
}

// makeCgroups makes the parent of all pods in every tree: a hard stop is then found by its name.
func makeCgroups() error {
	for _, root := range cgroupRoots() {
		if err := os.MkdirAll(filepath.Join(root, cgroupName), 0o755); err != nil {
			return err
		}
	}
	const control = "/sys/fs/cgroup/cgroup.subtree_control"
	if _, err := os.Stat(control); err == nil {
		for _, controller := range []string{"cpuset", "cpu", "io", "memory", "hugetlb", "pids"} {
			os.WriteFile(control, []byte("+"+controller), 0o644) // what is missing, the kubelet names
			os.WriteFile(filepath.Join("/sys/fs/cgroup", cgroupName, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
		}
	}
	return nil
}

// snapshotterFor avoids overlayfs on top of overlayfs, which the kernel refuses.
func snapshotterFor(state string) string {
	const overlayMagic = 0x794c7630
	fs := syscall.Statfs_t{}
	for dir := state; ; dir = filepath.Dir(dir) {
		if err := syscall.Statfs(dir, &fs); err == nil || dir == "/" {
			break
		}
	}
	if fs.Type == overlayMagic {
		return "native"
	}
	return "overlayfs"
}

// startAll starts the components in parallel as far as they do not need each other.
func (c Cluster) startAll() error {
	images := make(chan error, 1)
	go func() {
		err := c.ensure("containerd", 30*time.Second, c.containerdReady)
		if err == nil {
			err = c.importAll()
		}
		images <- err
	}()
	if err := c.ensure("etcd", 60*time.Second, c.etcdReady); err != nil {
		return err
	}
	if err := c.ensure("apiserver", 120*time.Second, c.apiReady); err != nil {
		return err
	}
	for _, name := range []string{"kcm", "scheduler", "netpol", "kube-proxy"} {
		if err := c.ensure(name, 0, nil); err != nil {
			return err
		}
	}
	if err := c.ensure("netpol", 30*time.Second, func() bool { return dials("unix", c.netpolSocket()) }); err != nil {
		return err
	}
	if err := c.applyDNS(); err != nil {
		return err
	}
	if err := c.ensure("dns", 30*time.Second, dnsReady); err != nil {
		return err
	}
	since := time.Time{}
	if _, same := c.running(c.component("kubelet")); !same {
		since = time.Now()
	}
	if err := c.ensure("kubelet", 120*time.Second, func() bool { return c.nodeReadySince(since) }); err != nil {
		return err
	}
	if err := <-images; err != nil {
		return err
	}
	for _, name := range componentNames {
		if _, same := c.running(c.component(name)); !same {
			return fmt.Errorf("%s ended:\n%s", name, c.logTail(name))
		}
	}
	return nil
}

// patience is how long a component may take to end, or to answer again, before it is killed: an
// API server that was told to end keeps its port for a minute while its watches drain.
const patience = 4 * time.Second

// ensure starts a component unless it runs with the arguments wanted, and waits until it is ready.
func (c Cluster) ensure(name string, limit time.Duration, ready func() bool) error {
	comp := c.component(name)
	starts := 0
	begin := time.Now()
	for {
		pid, same := c.running(comp)
		if pid != 0 && !same {
			say("%s runs with other arguments: restarting it", name)
			stop(pid, patience)
			pid = 0
		}
		if pid != 0 && starts == 0 && name == "apiserver" && time.Since(begin) > patience {
			say("%s runs but does not answer: restarting it", name)
			kill(pid)
			pid = 0
		}
		if pid == 0 {
			if starts == 3 {
				return fmt.Errorf("%s ends again and again:\n%s", name, c.logTail(name))
			}
			starts++
			if err := c.start(comp); err != nil {
				return err
			}
		}
		if ready == nil || ready() {
			return nil
		}
		if time.Since(begin) > limit {
			return fmt.Errorf("%s is not ready after %s:\n%s", name, limit, c.logTail(name))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
