package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Addresses and names of the one local cluster a machine can run at a time.
const (
	bridge = "wh0"
	// Not in the state folder: a pod with users of its own must be able to walk to its root file
	// system as nobody in particular, which home folders and temporary ones do not allow.
	containerdState = "/run/wheelhouse/containerd"
	nodeIP          = "10.88.0.1"
	podCIDR         = "10.88.0.0/16"
	serviceCIDR     = "10.96.0.0/16"
	kubernetesIP    = "10.96.0.1"
	nodeName        = "node1"
	metadataIP      = "169.254.169.254" // on every cloud
	apiServerPort   = 6443
	apiServerURL    = "https://127.0.0.1:6443"
	metadataPort    = "8169"
	etcdURL         = "http://127.0.0.1:2379"
	cgroupName      = "wheelhouse"
	cniName         = "wheelhouse"
	natTable        = "wheelhouse"
	pauseImage      = "wheelhouse.local/pause:1"
)

// longestState keeps the longest Unix socket below the state folder within the kernel's 107 bytes.
const longestState = 107 - len("/kubelet/device-plugins/kubelet.sock") - 8

// Cluster is where one clone keeps its cluster: sources, state and the shared binary cache.
type Cluster struct {
	Dir   string // the local-cluster folder of the clone
	State string // everything a running cluster writes
	Cache string // binaries and image layers, shared by all clones of a user
}

// locate finds the folders from the environment the wrapper sets.
func locate() (Cluster, error) {
	dir := os.Getenv("WHEELHOUSE_CLUSTER_DIR")
	if dir == "" {
		return Cluster{}, errors.New("WHEELHOUSE_CLUSTER_DIR is not set: start this program by the script local-cluster/cluster")
	}
	state := os.Getenv("WHEELHOUSE_STATE")
	if state == "" {
		state = filepath.Join(dir, ".state")
	}
	state, err := filepath.Abs(state)
	if err != nil {
		return Cluster{}, err
	}
	if len(state) > longestState {
		return Cluster{}, fmt.Errorf("the state folder %s is too long for Unix sockets (%d bytes, at most %d): set WHEELHOUSE_STATE to a shorter absolute path", state, len(state), longestState)
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return Cluster{}, err
		}
		cache = filepath.Join(home, ".cache")
	}
	return Cluster{Dir: dir, State: state, Cache: filepath.Join(cache, "wheelhouse")}, nil
}

func (c Cluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.State}, parts...)...)
}

func (c Cluster) bin(name string) string { return c.path("bin", name) }
func (c Cluster) pki(name string) string { return c.path("pki", name) }

// socketSuffix is a name of our own: the argument of a shim then never names another containerd.
const socketSuffix = "/containerd/wheelhouse.sock"

func (c Cluster) containerdSocket() string { return c.State + socketSuffix }

// hashOf names something by the contents of files and by words.
func hashOf(words []string, files ...string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s/%s\n", runtime.GOOS, runtime.GOARCH)
	for _, w := range words {
		fmt.Fprintf(h, "%q\n", w)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%d\n", len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

// write creates a file and its folder; an unchanged file is left alone.
func write(path, content string, mode os.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == content {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), mode)
}
