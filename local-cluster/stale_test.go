package main

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"
)

const shim = "/root/.cache/wheelhouse/bin-1/containerd-shim-runc-v2"

func running(state string) []process {
	c := Cluster{State: state}
	list := []process{}
	for i, name := range componentNames {
		comp := c.component(name)
		list = append(list, process{100 + i, append([]string{c.bin(comp.bin)}, comp.args...)})
	}
	return append(list, process{200, []string{shim, "-namespace", "k8s.io", "-id", "x", "-address", c.containerdSocket()}})
}

func TestEveryProcessOfAClusterNamesItsState(t *testing.T) {
	for _, p := range running("/a/.state") {
		if state, _ := stateOf(p.args); state != "/a/.state" {
			t.Errorf("%v belongs to %q", p.args, state)
		}
	}
	strangers := [][]string{
		{"/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml"},
		{"/usr/bin/etcd", "--data-dir=/var/lib/etcd"},
		{"etcd", "--data-dir=/a/.state/etcd"},
		{"/usr/bin/vi", "/a/.state/kubeconfig"},
		{shim, "-namespace", "moby", "-address", "/run/containerd/containerd.sock"},
		{shim},
		{},
	}
	for _, args := range strangers {
		if state, _ := stateOf(args); state != "" {
			t.Errorf("%v was taken for a part of %s", args, state)
		}
	}
}

func TestOnlyLiveComponentsHoldTheMachine(t *testing.T) {
	mine, other := running("/mine/.state"), running("/other/.state")
	if got := otherClusters("/mine/.state", append(mine, other...)); !slices.Equal(got, []string{"/other/.state"}) {
		t.Errorf("other clusters: %v", got)
	}
	orphans := other[len(other)-1:]
	if got := otherClusters("/mine/.state", orphans); len(got) != 0 {
		t.Errorf("orphaned shims count as a cluster: %v", got)
	}
}

func TestLeftoversOfDeadClustersAreFound(t *testing.T) {
	orphans := running("/orphans/.state")
	got := staleStates("/mine/.state", "/gone/.state", orphans[len(orphans)-1:])
	if want := []string{"/mine/.state", "/gone/.state", "/orphans/.state"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := staleStates("/mine/.state", "", nil); !slices.Equal(got, []string{"/mine/.state"}) {
		t.Errorf("a bridge without owner: %v", got)
	}
}

func TestMountsBelowAFolderDeepestFirst(t *testing.T) {
	mountinfo := `22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:5 / /a/.state/kubelet/pods/1/volumes/token rw - tmpfs tmpfs rw
31 22 0:6 / /a/.state/containerd/state/x/rootfs rw - overlay overlay rw
32 31 0:7 / /a/.state/containerd/state/x/rootfs/proc rw - proc proc rw
33 22 0:4 net:[4026532] /a/.state/with\040space//deleted rw - nsfs nsfs rw
34 22 0:8 / /a/.state-of-another rw - tmpfs tmpfs rw
`
	want := []string{"/a/.state/with space", "/a/.state/containerd/state/x/rootfs/proc",
		"/a/.state/containerd/state/x/rootfs", "/a/.state/kubelet/pods/1/volumes/token"}
	if got := mountsBelow("/a/.state", mountinfo); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestAPidFileOfAnotherProgramIsNotARunningComponent(t *testing.T) {
	c := Cluster{State: t.TempDir()}
	comp := c.component("etcd")
	if pid, _ := c.running(comp); pid != 0 {
		t.Error("runs without a pid file")
	}
	write(c.path("etcd.pid"), strconv.Itoa(os.Getpid())+"\n", 0o644) // the pid was given to someone else
	if pid, _ := c.running(comp); pid != 0 {
		t.Error("this test was taken for etcd")
	}
}

func TestStartAndKill(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip(err)
	}
	c := Cluster{State: t.TempDir()}
	os.MkdirAll(c.path("bin"), 0o755)
	if err := os.Symlink(sleep, c.bin("sleep")); err != nil {
		t.Fatal(err)
	}
	comp := component{name: "sleeper", bin: "sleep", args: []string{"60"}}
	if err := c.start(comp); err != nil {
		t.Fatal(err)
	}
	pid := 0
	same := false
	waitFor(5*time.Second, func() bool { pid, same = c.running(comp); return pid != 0 })
	if pid == 0 || !same {
		t.Fatalf("pid %d, same arguments %t", pid, same)
	}
	if _, same := c.running(component{name: "sleeper", bin: "sleep", args: []string{"61"}}); same {
		t.Error("other arguments were not noticed")
	}
	kill(pid)
	if pid, _ := c.running(comp); pid != 0 {
		t.Error("still runs")
	}
}

func TestANodesLastWordDoesNotCountAfterARestart(t *testing.T) {
	n := node{}
	heartbeat := time.Date(2030, 1, 1, 0, 0, 10, 0, time.UTC)
	n.Status.Conditions = []condition{{Type: "Ready", Status: "True", LastHeartbeat: heartbeat}}
	if !n.readySince(time.Time{}) || !n.readySince(heartbeat.Add(300*time.Millisecond)) {
		t.Error("a ready node is not ready")
	}
	if n.readySince(heartbeat.Add(2 * time.Second)) {
		t.Error("an old heartbeat counts")
	}
}
