package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// enforcer keeps the packet filter equal to the NetworkPolicies of the cluster.
type enforcer struct {
	cluster Cluster
	client  *http.Client
	mutex   sync.Mutex
	world   world
	synced  map[string]bool
	applied string
	dirty   chan struct{}
}

var watched = map[string]string{
	"pods":       "/api/v1/pods",
	"namespaces": "/api/v1/namespaces",
	"policies":   "/apis/networking.k8s.io/v1/networkpolicies",
}

func (c Cluster) netpolSocket() string { return c.path("cni", "netpol.sock") }
func (c Cluster) endpointDir() string  { return c.path("cni", "pods") }

// enforce runs until it is killed.
func (c Cluster) enforce() error {
	client, err := c.clientAs("netpol")
	if err != nil {
		return err
	}
	client.Timeout = 0 // watches last
	e := &enforcer{cluster: c, client: client, synced: map[string]bool{}, dirty: make(chan struct{}, 1)}
	e.world.pods, e.world.namespaces, e.world.policies = map[string]object{}, map[string]object{}, map[string]object{}
	for kind, path := range watched {
		go e.follow(kind, path)
	}
	os.Remove(c.netpolSocket())
	listener, err := net.Listen("unix", c.netpolSocket())
	if err != nil {
		return err
	}
	go e.serve(listener)
	go serveMetadata()
	for range e.dirty {
		time.Sleep(20 * time.Millisecond) // changes come in groups
		if err := e.apply(); err != nil {
			fmt.Println("rules not applied:", err)
			time.Sleep(time.Second)
			e.changed()
		}
	}
	return nil
}

// serveMetadata stands for the metadata service that clouds have on every node.
func serveMetadata() {
	err := http.ListenAndServe(net.JoinHostPort(nodeIP, metadataPort), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "a cloud would hand out the node's credentials here")
	}))
	fmt.Println("metadata:", err)
}

func (e *enforcer) changed() {
	select {
	case e.dirty <- struct{}{}:
	default:
	}
}

// store gives the objects of a kind; call it with the mutex held.
func (e *enforcer) store(kind string) map[string]object {
	return map[string]map[string]object{"pods": e.world.pods, "namespaces": e.world.namespaces, "policies": e.world.policies}[kind]
}

func keyOf(o object) string { return o.Metadata.Namespace + "/" + o.Metadata.Name }

// follow lists and watches one kind of object, for ever.
func (e *enforcer) follow(kind, path string) {
	for {
		version, err := e.relist(kind, path)
		if err == nil {
			err = e.watch(kind, path, version)
		}
		fmt.Println(kind+":", err)
		time.Sleep(200 * time.Millisecond)
	}
}

func (e *enforcer) request(path string) (*http.Response, error) {
	resp, err := e.client.Get(apiServerURL + path)
	if err == nil && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return resp, err
}

func (e *enforcer) relist(kind, path string) (version string, err error) {
	resp, err := e.request(path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	list := struct {
		Metadata meta     `json:"metadata"`
		Items    []object `json:"items"`
	}{}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return "", err
	}
	e.mutex.Lock()
	store := e.store(kind)
	clear(store)
	for _, o := range list.Items {
		store[keyOf(o)] = o
	}
	e.synced[kind] = true
	e.mutex.Unlock()
	e.changed()
	return list.Metadata.ResourceVersion, nil
}

func (e *enforcer) watch(kind, path, version string) error {
	resp, err := e.request(path + "?watch=true&resourceVersion=" + version)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	decoder := json.NewDecoder(resp.Body)
	for {
		event := struct {
			Type   string `json:"type"`
			Object object `json:"object"`
		}{}
		if err := decoder.Decode(&event); err != nil {
			return err
		}
		e.mutex.Lock()
		switch event.Type {
		case "ADDED", "MODIFIED":
			e.store(kind)[keyOf(event.Object)] = event.Object
		case "DELETED":
			delete(e.store(kind), keyOf(event.Object))
		case "ERROR":
			e.mutex.Unlock()
			return errors.New("watch expired")
		}
		e.mutex.Unlock()
		e.changed()
	}
}

// apply renders and loads the rules if they changed.
func (e *enforcer) apply() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for kind := range watched {
		if !e.synced[kind] {
			return nil // the rules of before a restart stay until everything is known
		}
	}
	e.world.endpoints = e.cluster.endpoints()
	rules := ruleset(e.world)
	if rules == e.applied {
		return nil
	}
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s\n%s", err, out, rules)
	}
	e.applied = rules
	return nil
}

// endpoints reads what the CNI plugin wrote.
func (c Cluster) endpoints() []endpoint {
	files, _ := filepath.Glob(filepath.Join(c.endpointDir(), "*.json"))
	list, seen := []endpoint{}, map[string]bool{}
	for _, file := range files {
		one := endpoint{}
		data, err := os.ReadFile(file)
		if err == nil && json.Unmarshal(data, &one) == nil && net.ParseIP(one.IP) != nil && !seen[one.IP] {
			seen[one.IP] = true
			list = append(list, one)
		}
	}
	return list
}

// serve answers the CNI plugin: a new pod's rules are loaded before its containers start.
func (e *enforcer) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Println("socket:", err)
			return
		}
		go func() {
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(10 * time.Second))
			one := endpoint{}
			if json.NewDecoder(conn).Decode(&one) != nil {
				return
			}
			err := e.admit(one)
			fmt.Fprintln(conn, map[bool]string{true: "ok", false: fmt.Sprint(err)}[err == nil])
		}()
	}
}

// admit waits for nothing that a watch may bring later: the pod and the policies of its
// namespace are read anew.
func (e *enforcer) admit(one endpoint) error {
	if one.Name == "" { // a pod has gone
		return e.apply()
	}
	pod := object{}
	if err := e.cluster.get("/api/v1/namespaces/"+one.Namespace+"/pods/"+one.Name, &pod); err != nil {
		return err
	}
	policies := struct {
		Items []object `json:"items"`
	}{}
	if err := e.cluster.get("/apis/networking.k8s.io/v1/namespaces/"+one.Namespace+"/networkpolicies", &policies); err != nil {
		return err
	}
	e.mutex.Lock()
	e.world.pods[keyOf(pod)] = pod
	maps.DeleteFunc(e.world.policies, func(_ string, p object) bool { return p.Metadata.Namespace == one.Namespace })
	for _, p := range policies.Items {
		e.world.policies[keyOf(p)] = p
	}
	synced := e.synced["pods"] && e.synced["namespaces"] && e.synced["policies"]
	e.mutex.Unlock()
	if !synced {
		return errors.New("the enforcer of NetworkPolicies is still starting")
	}
	return e.apply()
}
