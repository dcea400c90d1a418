package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The DNS server is a process on the node like the rest of the control plane. Pods reach it, as
// in any other cluster, by the Service kube-dns of kube-system.
const (
	dnsServiceIP = "10.96.0.10"
	dnsDomain    = "cluster.local"
	dnsUser      = "system:coredns"
	dnsReadyAt   = "127.0.0.1:10254"
)

// corefile answers for the cluster's names and addresses. There is nobody to ask for others, so
// that they do not exist: a refusal would make resolvers ask again. That is a block of its own, as
// CoreDNS asks the plugin template before kubernetes. Nothing is cached: all is in memory anyway,
// and a new Service is to be found at once.
func (c Cluster) corefile() string {
	return fmt.Sprintf(`%[3]s:53 in-addr.arpa:53 ip6.arpa:53 {
	bind %[1]s
	errors
	ready %[2]s
	kubernetes {
		kubeconfig %[4]s
		pods insecure
		ttl 5
	}
}

.:53 {
	bind %[1]s
	errors
	template ANY ANY {
		rcode NXDOMAIN
	}
}
`, nodeIP, dnsReadyAt, dnsDomain, c.path("coredns.kubeconfig"))
}

// dnsObjects are the API server's part of the cluster's DNS, by their paths: what the server may
// read, the Service, and the node's address behind it.
var dnsObjects = []struct{ path, content string }{
	{"/apis/rbac.authorization.k8s.io/v1/clusterroles/" + dnsUser, `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "` + dnsUser + `"}
rules:
- {apiGroups: [""], resources: [services, namespaces, pods], verbs: [list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
`},
	{"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/" + dnsUser, `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "` + dnsUser + `"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "` + dnsUser + `"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "` + dnsUser + `"}]
`},
	{"/api/v1/namespaces/kube-system/services/kube-dns", `
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  clusterIP: ` + dnsServiceIP + `
  ports:
  - {name: dns, protocol: UDP, port: 53, targetPort: 53}
  - {name: dns-tcp, protocol: TCP, port: 53, targetPort: 53}
`},
	{"/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns", `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
endpoints: [{addresses: [` + nodeIP + `], conditions: {ready: true}}]
ports:
- {name: dns, protocol: UDP, port: 53}
- {name: dns-tcp, protocol: TCP, port: 53}
`},
}

// applyDNS writes the objects. A new API server takes a moment to make the namespace.
func (c Cluster) applyDNS() error {
	for _, o := range dnsObjects {
		var last error
		if waitFor(30*time.Second, func() bool { last = c.apply(o.path, o.content); return last == nil }) != nil {
			return fmt.Errorf("cluster DNS: %w", last)
		}
	}
	return nil
}

// apply makes an object what a manifest says.
func (c Cluster) apply(path, manifest string) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPatch, apiServerURL+path+"?fieldManager=local-cluster&force=true", strings.NewReader(manifest))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/apply-patch+yaml")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		body := bytes.Buffer{}
		body.ReadFrom(resp.Body)
		return errors.New(path + ": " + resp.Status + ": " + body.String())
	}
	return nil
}

// dnsReady says whether the DNS server knows all Services.
func dnsReady() bool {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get("http://" + dnsReadyAt + "/ready")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
