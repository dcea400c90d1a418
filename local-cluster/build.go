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

// module is one go.mod below local-cluster/ whose programs are built together.
type module struct {
	folder   string
	packages map[string]string // program name -> package
	sources  []string          // code of our own
	flags    []string
	cgo      string
}

const kubeVersion = "1.36.3"

var modules = []module{
	{
		folder: "kubernetes",
		packages: map[string]string{
			"etcd":                    "go.etcd.io/etcd/server/v3",
			"kube-apiserver":          "k8s.io/kubernetes/cmd/kube-apiserver",
			"kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
			"kube-scheduler":          "k8s.io/kubernetes/cmd/kube-scheduler",
			"kubelet":                 "k8s.io/kubernetes/cmd/kubelet",
			"kube-proxy":              "k8s.io/kubernetes/cmd/kube-proxy",
			"kubectl":                 "k8s.io/kubernetes/cmd/kubectl",
		},
		// A program that says v0.0.0-master is refused by clients that compare versions.
		flags: []string{"-ldflags", "-s -w -X k8s.io/component-base/version.gitVersion=v" + kubeVersion +
			" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"},
		cgo: "0",
	},
	{
		folder: "containerd",
		packages: map[string]string{
			"containerd":              "github.com/containerd/containerd/v2/cmd/containerd",
			"containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
			"ctr":                     "github.com/containerd/containerd/v2/cmd/ctr",
		},
		flags: []string{"-tags", "no_btrfs no_zfs no_devmapper",
			"-ldflags", "-s -w -X github.com/containerd/containerd/v2/version.Version=2.2.9"},
		cgo: "0",
	},
	{
		folder:   "runc",
		packages: map[string]string{"runc": "github.com/opencontainers/runc"},
		flags:    []string{"-tags", "seccomp", "-ldflags", "-s -w"},
		cgo:      "1",
	},
	{
		folder:   "helm",
		packages: map[string]string{"helm": "helm.sh/helm/v3/cmd/helm"},
		flags:    []string{"-ldflags", "-s -w"},
		cgo:      "0",
	},
	{
		folder:   "coredns",
		packages: map[string]string{"coredns": "wheelhouse.dev/local-cluster/coredns"},
		sources:  []string{"coredns/main.go"},
		flags:    []string{"-ldflags", "-s -w"},
		cgo:      "0",
	},
	{
		folder:   ".",
		packages: map[string]string{"pause": "wheelhouse.dev/local-cluster/pause"},
		sources:  []string{"pause/main.go"},
		flags:    []string{"-ldflags", "-s -w"},
		cgo:      "0",
	},
}

// binaryCache is the folder of a module's binaries, named by everything that decides what they
// are, so that every clone with the same go.mod file uses the same one, and a change of one module
// builds no other again.
func (c Cluster) binaryCache(m module) (string, error) {
	words, files, name := append([]string{m.folder, m.cgo}, m.flags...), []string{}, m.folder
	if m.folder == "." {
		name = "own"
	} else {
		files = append(files, filepath.Join(c.Dir, m.folder, "go.mod"), filepath.Join(c.Dir, m.folder, "go.sum"))
	}
	for _, source := range m.sources {
		files = append(files, filepath.Join(c.Dir, source))
	}
	hash, err := hashOf(words, files...)
	return filepath.Join(c.Cache, "bin-"+name+"-"+hash), err
}

// build makes every missing binary and links them all into the state folder.
func (c Cluster) build() error {
	for _, m := range modules {
		cache, err := c.binaryCache(m)
		if err != nil {
			return err
		}
		if err := c.buildModule(m, cache); err != nil {
			return err
		}
		if err := c.link(m, cache); err != nil {
			return err
		}
	}
	return c.linkSelf()
}

func (c Cluster) buildModule(m module, cache string) error {
	unlock, err := lock(cache + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	missing := map[string]string{}
	names := []string{}
	for name, pkg := range m.packages {
		if _, err := os.Stat(filepath.Join(cache, name)); err != nil {
			missing[name] = pkg
			names = append(names, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	start := time.Now()
	say("building %s (a few minutes the first time)", strings.Join(sorted(names), ", "))
	tmp, err := os.MkdirTemp(cache, ".build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	args := append([]string{"build", "-buildvcs=false"}, m.flags...)
	args = append(args, "-o", tmp+"/")
	for _, name := range sorted(names) {
		args = append(args, missing[name])
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(c.Dir, m.folder)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+m.cgo, "GOWORK=off")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build in %s: %w", cmd.Dir, err)
	}
	for name, pkg := range missing {
		if err := os.Rename(filepath.Join(tmp, programName(pkg)), filepath.Join(cache, name)); err != nil {
			return err
		}
	}
	say("built %s in %s", m.folder, time.Since(start).Round(time.Second))
	return nil
}

// programName is how go build calls the program of a package: the last path element that is
// not a major version.
func programName(pkg string) string {
	last := filepath.Base(pkg)
	if len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		return filepath.Base(filepath.Dir(pkg))
	}
	return last
}

// link makes a module's binaries reachable in the state folder. Processes are started by these links:
// their first argument then says whose cluster they belong to.
func (c Cluster) link(m module, cache string) error {
	if err := os.MkdirAll(c.path("bin"), 0o755); err != nil {
		return err
	}
	for name := range m.packages {
		target, link := filepath.Join(cache, name), c.bin(name)
		if old, err := os.Readlink(link); err == nil && old == target {
			continue
		}
		os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return nil
}

// linkSelf makes this program reachable as a component and as a CNI plugin.
func (c Cluster) linkSelf() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, link := range []string{c.bin(ownProgram), c.path("cni", "bin", cniPlugin)} {
		if old, err := os.Readlink(link); link == self || err == nil && old == self {
			continue
		}
		os.Remove(link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(self, link)); err != nil {
			return err
		}
	}
	return nil
}

// lock holds a file lock until the returned function is called; a second clone waits its turn.
func lock(path string) (func(), error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
