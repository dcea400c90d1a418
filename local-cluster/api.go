package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// client talks to the API server as cluster-admin.
func (c Cluster) client() (*http.Client, error) { return c.clientAs("admin") }

func (c Cluster) clientAs(user string) (*http.Client, error) {
	pem, err := os.ReadFile(c.pki("ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	cert, err := tls.LoadX509KeyPair(c.pki(user+".crt"), c.pki(user+".key"))
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}},
		DisableKeepAlives: true,
	}}, nil
}

func (c Cluster) get(path string, into any) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	resp, err := client.Get(apiServerURL + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

func (c Cluster) apiReady() bool { return c.get("/readyz", nil) == nil }

type node struct {
	Status struct {
		Conditions []condition `json:"conditions"`
	} `json:"status"`
	Spec struct {
		Taints []struct {
			Key string `json:"key"`
		} `json:"taints"`
	} `json:"spec"`
}

type condition struct {
	Type          string    `json:"type"`
	Status        string    `json:"status"`
	Message       string    `json:"message"`
	LastHeartbeat time.Time `json:"lastHeartbeatTime"`
}

// readySince says whether pods can be scheduled on the node and the kubelet said so at or after
// a time: a node's last word survives the kubelet that said it.
func (n node) readySince(t time.Time) bool {
	for _, taint := range n.Spec.Taints {
		if taint.Key == "node.kubernetes.io/not-ready" || taint.Key == "node.kubernetes.io/unreachable" {
			return false
		}
	}
	for _, cond := range n.Status.Conditions {
		if cond.Type == "Ready" {
			return cond.Status == "True" && !cond.LastHeartbeat.Before(t.Truncate(time.Second))
		}
	}
	return false
}

func (c Cluster) nodeReadySince(t time.Time) bool {
	n := node{}
	return c.get("/api/v1/nodes/"+nodeName, &n) == nil && n.readySince(t)
}

func (c Cluster) etcdReady() bool {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get(etcdURL + "/health")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (c Cluster) containerdReady() bool {
	if !dials("unix", c.containerdSocket()) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return c.ctr(ctx, "version") == nil
}

func dials(network, address string) bool {
	conn, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
