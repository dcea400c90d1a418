package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cgroupRoots are the mounted control group trees: one on a unified host, several on an old one.
func cgroupRoots() []string {
	const root = "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/cgroup.controllers"); err == nil {
		return []string{root}
	}
	entries, _ := os.ReadDir(root)
	roots := []string{}
	for _, e := range entries {
		if e.IsDir() { // symbolic links such as cpu -> cpu,cpuacct would name a tree twice
			roots = append(roots, filepath.Join(root, e.Name()))
		}
	}
	return roots
}

// clean removes what a cluster made outside of its folder, and what lives in its folder only
// while it runs. It needs nothing but the path, so it works for a folder that is gone.
func clean(state string) error {
	killAll(state)
	removeDeadShimSockets()
	unmountBelow(state)
	unmountBelow(containerdState)
	removeCgroups()
	removeNetwork()
	removeLogLinks(state)
	removeFixedPaths()
	c := Cluster{State: state}
	for _, name := range componentNames {
		os.Remove(c.path(name + ".pid"))
	}
	// Addresses of pods that are gone and bundles of dead containers; containerd's root with the
	// images stays, as after a reboot of a machine whose /run is in memory.
	return errors.Join(os.RemoveAll(c.path("cni", "ipam")), os.RemoveAll(c.endpointDir()), os.RemoveAll(containerdState))
}

// killAll ends the components, the shims and whatever runs in the pods' control groups.
// kubelet and containerd go first: they would restart or report what is killed after them.
func killAll(state string) {
	for _, programs := range [][]string{{"kubelet", "containerd"}, nil} {
		pids := []int{}
		for _, p := range processes() {
			s, program := stateOf(p.args)
			if s == state && (programs == nil || slices.Contains(programs, program)) {
				pids = append(pids, p.pid)
			}
		}
		kill(pids...)
	}
	for range 20 { // a pod's process may fork while it is being killed
		pids := cgroupPids()
		if len(pids) == 0 {
			return
		}
		kill(pids...)
	}
}

func cgroupPids() []int {
	pids := []int{}
	for _, root := range cgroupRoots() {
		filepath.WalkDir(filepath.Join(root, cgroupName), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() != "cgroup.procs" {
				return nil
			}
			data, _ := os.ReadFile(path)
			for _, word := range strings.Fields(string(data)) {
				if pid, err := strconv.Atoi(word); err == nil && pid > 0 && alive(pid) && !slices.Contains(pids, pid) {
					pids = append(pids, pid)
				}
			}
			return nil
		})
	}
	return pids
}

func removeCgroups() {
	for _, root := range cgroupRoots() {
		top := filepath.Join(root, cgroupName)
		dirs := []string{}
		filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				dirs = append(dirs, path)
			}
			return nil
		})
		slices.Reverse(dirs)
		for _, dir := range dirs {
			// The last process may be gone a moment before its group is empty.
			waitFor(2*time.Second, func() bool {
				err := syscall.Rmdir(dir)
				return err == nil || err == syscall.ENOENT
			})
		}
	}
}

// removeDeadShimSockets removes the sockets that containerd's shims leave in a folder of their
// own, for all clusters of the machine; a socket that nobody answers on belongs to no living one.
func removeDeadShimSockets() {
	const folder = "/run/containerd/s"
	sockets, _ := filepath.Glob(folder + "/*")
	for _, socket := range sockets {
		if !dials("unix", socket) {
			os.Remove(socket)
		}
	}
	os.Remove(folder) // only when empty
	os.Remove(filepath.Dir(folder))
}

// unmountBelow detaches every mount below the folder: volumes, container roots, network namespaces.
func unmountBelow(state string) {
	for range 5 {
		data, _ := os.ReadFile("/proc/self/mountinfo")
		points := mountsBelow(state, string(data))
		if len(points) == 0 {
			return
		}
		for _, point := range points {
			if syscall.Unmount(point, 0) != nil {
				syscall.Unmount(point, syscall.MNT_DETACH)
			}
		}
	}
}

// removeLogLinks removes the links the kubelet always makes in /var/log/containers.
func removeLogLinks(state string) {
	const folder = "/var/log/containers"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		link := filepath.Join(folder, e.Name())
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, state+"/") {
			os.Remove(link)
		}
	}
	os.Remove(folder) // only when empty
}

// removeFixedPaths removes what Kubernetes and the CNI library put at paths nobody can configure.
func removeFixedPaths() {
	results, _ := filepath.Glob("/var/lib/cni/results/" + cniName + "-*")
	for _, file := range results {
		os.Remove(file)
	}
	const plugins = "/var/lib/kubelet/device-plugins"
	foreign := slices.ContainsFunc(processes(), func(p process) bool { return filepath.Base(p.args[0]) == "kubelet" })
	if !foreign {
		os.Remove(plugins + "/kubelet.sock")
		os.Remove(plugins + "/kubelet_internal_checkpoint")
	}
	for _, folder := range []string{"/var/lib/cni/results", "/var/lib/cni", plugins, "/var/lib/kubelet"} {
		os.Remove(folder) // only when empty
	}
}
