package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running program as /proc shows it.
type process struct {
	pid  int
	args []string
}

// processes lists what runs on this machine; kernel threads and zombies have no arguments.
func processes() []process {
	entries, _ := os.ReadDir("/proc")
	list := []process{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if args := argsOf(pid); len(args) > 0 {
			list = append(list, process{pid, args})
		}
	}
	return list
}

func argsOf(pid int) []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
}

// stateOf is the state folder a process belongs to, if it is a component of a local cluster
// (they are started by the links in <state>/bin and name files below <state>) or one of its shims.
func stateOf(args []string) (state, program string) {
	if len(args) == 0 {
		return "", ""
	}
	program = filepath.Base(args[0])
	if program == "containerd-shim-runc-v2" {
		for i, a := range args[:len(args)-1] {
			if s, ok := strings.CutSuffix(args[i+1], socketSuffix); a == "-address" && ok {
				return s, program
			}
		}
		return "", ""
	}
	state, ok := strings.CutSuffix(args[0], "/bin/"+program)
	if !ok || !filepath.IsAbs(state) {
		return "", ""
	}
	for _, name := range componentNames {
		if (Cluster{State: state}).component(name).bin != program {
			continue
		}
		for _, a := range args[1:] {
			if strings.Contains(a, "="+state+"/") {
				return state, program
			}
		}
	}
	return "", ""
}

// running is the pid of a component, found by its pid file and checked by its command line.
func (c Cluster) running(comp component) (pid int, same bool) {
	data, err := os.ReadFile(c.path(comp.name + ".pid"))
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, false
	}
	args := argsOf(pid)
	if len(args) == 0 || args[0] != c.bin(comp.bin) {
		return 0, false
	}
	return pid, slices.Equal(args[1:], comp.args)
}

// start runs a component on its own, away from this terminal and session.
func (c Cluster) start(comp component) error {
	log := c.path("log", comp.name+".log")
	if err := os.MkdirAll(filepath.Dir(log), 0o755); err != nil {
		return err
	}
	os.Rename(log, log+".1")
	out, err := os.Create(log)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(c.bin(comp.bin), comp.args...)
	cmd.Dir = c.State
	cmd.Env = append(os.Environ(), comp.env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", comp.name, err)
	}
	pid := cmd.Process.Pid
	go cmd.Wait() // a component that ends while "up" still runs must not stay a zombie that looks alive
	return os.WriteFile(c.path(comp.name+".pid"), []byte(strconv.Itoa(pid)+"\n"), 0o644)
}

// stop ends a process, politely at first.
func stop(pid int, grace time.Duration) {
	syscall.Kill(pid, syscall.SIGTERM)
	if waitFor(grace, func() bool { return !alive(pid) }) != nil {
		kill(pid)
	}
}

func kill(pids ...int) {
	for _, pid := range pids {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	waitFor(5*time.Second, func() bool {
		return !slices.ContainsFunc(pids, alive)
	})
}

// alive is false for zombies: they hold nothing any more.
func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

var errTimeout = errors.New("timed out")

func waitFor(limit time.Duration, done func() bool) error {
	deadline := time.Now().Add(limit)
	for !done() {
		if time.Now().After(deadline) {
			return errTimeout
		}
		time.Sleep(30 * time.Millisecond)
	}
	return nil
}

// logTail is the end of a component's log, for error messages.
func (c Cluster) logTail(name string) string {
	data, _ := os.ReadFile(c.path("log", name+".log"))
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// output runs a program and says what it said when it fails.
func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
