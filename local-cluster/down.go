package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// down stops everything and removes what the cluster made, its data included. Binaries, logs
// and the project's own images stay: the next start takes seconds.
func (c Cluster) down() error {
	if os.Geteuid() != 0 {
		return errors.New("run this as root (sudo -E)")
	}
	if _, err := os.Stat(c.State); err == nil {
		unlock, err := c.lockState()
		if err != nil {
			return err
		}
		defer unlock()
	}
	if others := otherClusters(c.State, processes()); len(others) > 0 {
		say("nothing of %s runs; the cluster on this machine is of %s", c.State, others[0])
		return nil
	}
	if err := clean(c.State); err != nil {
		return err
	}
	restoreKernelSettings(c.State)
	entries, _ := os.ReadDir(c.State)
	for _, e := range entries {
		switch e.Name() {
		case "bin", "images", "log", ".lock":
			continue
		}
		if err := os.RemoveAll(c.path(e.Name())); err != nil {
			return err
		}
	}
	say("the cluster is gone")
	return nil
}

// status says what runs.
func (c Cluster) status() error {
	down := false
	for _, name := range componentNames {
		pid, _ := c.running(c.component(name))
		if pid == 0 {
			down = true
			fmt.Printf("%-12s stopped\n", name)
			continue
		}
		fmt.Printf("%-12s pid %d\n", name, pid)
	}
	for _, state := range otherClusters(c.State, processes()) {
		fmt.Printf("another cluster runs of the folder %s\n", state)
	}
	if down {
		return errors.New("the cluster is not running")
	}
	if !c.apiReady() || !c.nodeReadySince(time.Time{}) {
		return errors.New("the cluster is not ready")
	}
	fmt.Printf("ready        KUBECONFIG=%s\naudit log    %t\n", c.path("kubeconfig"), c.auditing())
	return nil
}
