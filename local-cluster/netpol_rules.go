package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// policyTable holds the rules made of NetworkPolicies.
const policyTable = "wheelhouse-policy"

type meta struct {
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace"`
	UID             string            `json:"uid"`
	Labels          map[string]string `json:"labels"`
	ResourceVersion string            `json:"resourceVersion"`
}

// object has the fields of pods, namespaces and NetworkPolicies that decide about packets.
type object struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		Containers []struct {
			Ports []struct {
				Name          string `json:"name"`
				ContainerPort int    `json:"containerPort"`
				Protocol      string `json:"protocol"`
			} `json:"ports"`
		} `json:"containers"`
		PodSelector selector     `json:"podSelector"`
		PolicyTypes []string     `json:"policyTypes"`
		Ingress     []policyRule `json:"ingress"`
		Egress      []policyRule `json:"egress"`
	} `json:"spec"`
}

type policyRule struct {
	From  []peer       `json:"from"`
	To    []peer       `json:"to"`
	Ports []policyPort `json:"ports"`
}

type peer struct {
	PodSelector       *selector `json:"podSelector"`
	NamespaceSelector *selector `json:"namespaceSelector"`
	IPBlock           *struct {
		CIDR   string   `json:"cidr"`
		Except []string `json:"except"`
	} `json:"ipBlock"`
}

type policyPort struct {
	Protocol string          `json:"protocol"`
	Port     json.RawMessage `json:"port"`
	EndPort  int             `json:"endPort"`
}

type selector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

func (s selector) matches(labels map[string]string) bool {
	for k, v := range s.MatchLabels {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		value, has := labels[e.Key]
		in := has && slices.Contains(e.Values, value)
		switch e.Operator {
		case "In":
			if !in {
				return false
			}
		case "NotIn":
			if in {
				return false
			}
		case "Exists":
			if !has {
				return false
			}
		case "DoesNotExist":
			if has {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// endpoint is an address the CNI plugin gave to a pod.
type endpoint struct {
	IP        string `json:"ip"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
}

// dnsPod stands for the DNS server, which is no pod here: policies select it as they do elsewhere.
var dnsPod = object{Metadata: meta{Name: "kube-dns", Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"}}}

// world is all that the rules are made of.
type world struct {
	pods, namespaces, policies map[string]object // by namespace/name
	endpoints                  []endpoint
}

func (w world) podOf(e endpoint) (object, bool) {
	p, ok := w.pods[e.Namespace+"/"+e.Name]
	return p, ok && p.Metadata.UID == e.UID
}

// ruleset renders the table. Pods under the same policies share a chain. An address whose pod is
// unknown may not talk to anyone: it belongs to a pod that was just made or is about to go.
func ruleset(w world) string {
	chains, names := strings.Builder{}, map[string]string{}
	jumps := map[string][]string{}
	slices.SortFunc(w.endpoints, func(a, b endpoint) int { return strings.Compare(a.IP, b.IP) })
	for _, direction := range []string{"Egress", "Ingress"} {
		for _, e := range w.endpoints {
			pod, known := w.podOf(e)
			keys, isolated := w.selecting(pod, direction)
			if known && !isolated {
				continue
			}
			if !known {
				keys = nil
			}
			id := direction + strings.Join(keys, " ")
			if names[id] == "" {
				names[id] = fmt.Sprintf("%s_%d", strings.ToLower(direction), len(names))
				fmt.Fprintf(&chains, "\tchain %s {\n%s\t\tdrop\n\t}\n", names[id], w.chain(keys, direction))
			}
			jumps[direction] = append(jumps[direction], e.IP+" : jump "+names[id])
		}
	}
	verdicts := func(field, direction string) string {
		if len(jumps[direction]) == 0 {
			return ""
		}
		return fmt.Sprintf("\t\tip %s vmap { %s }\n", field, strings.Join(jumps[direction], ", "))
	}
	const established = "\t\tct state established,related accept\n"
	return fmt.Sprintf(`table ip %[1]s
delete table ip %[1]s
table ip %[1]s {
%[2]s	chain forward {
		type filter hook forward priority filter; policy accept;
%[3]s%[4]s%[5]s	}
	chain input {
		type filter hook input priority filter; policy accept;
%[3]s%[4]s	}
}
`, policyTable, chains.String(), established, verdicts("saddr", "Egress"), verdicts("daddr", "Ingress"))
}

// selecting are the policies that isolate a pod in one direction.
func (w world) selecting(pod object, direction string) (keys []string, isolated bool) {
	for key, p := range w.policies {
		types := p.Spec.PolicyTypes
		if len(types) == 0 {
			types = []string{"Ingress"}
		}
		if p.Metadata.Namespace == pod.Metadata.Namespace && slices.Contains(types, direction) &&
			p.Spec.PodSelector.matches(pod.Metadata.Labels) {
			keys = append(keys, key)
		}
	}
	return sorted(keys), len(keys) > 0
}

// chain is what the policies allow; what returns from it is allowed in this direction.
func (w world) chain(keys []string, direction string) string {
	out := strings.Builder{}
	for _, key := range keys {
		p := w.policies[key]
		rules, far := p.Spec.Egress, "daddr"
		if direction == "Ingress" {
			rules, far = p.Spec.Ingress, "saddr"
		}
		for _, r := range rules {
			for _, from := range w.peers(p, r, far) {
				for _, ports := range w.ports(p, r, direction) {
					line := strings.Join(strings.Fields(from+" "+ports+" return"), " ")
					fmt.Fprintf(&out, "\t\t%s\n", line)
				}
			}
		}
	}
	return out.String()
}

// peers are the matches of a rule's far side; no peers at all means everyone.
func (w world) peers(p object, r policyRule, far string) []string {
	list := append(append([]peer{}, r.From...), r.To...)
	if len(list) == 0 {
		return []string{""}
	}
	matches, ips, dns := []string{}, []string{}, false
	for _, one := range list {
		if one.IPBlock != nil {
			if strings.Contains(one.IPBlock.CIDR, ":") {
				continue // pods have no IPv6 addresses here
			}
			m := fmt.Sprintf("ip %s %s", far, one.IPBlock.CIDR)
			if len(one.IPBlock.Except) > 0 {
				m += fmt.Sprintf(" ip %s != { %s }", far, strings.Join(one.IPBlock.Except, ", "))
			}
			matches = append(matches, m)
			continue
		}
		dns = dns || far == "daddr" && w.isPeer(p, one, dnsPod)
		for _, e := range w.endpoints {
			if pod, known := w.podOf(e); known && w.isPeer(p, one, pod) && !slices.Contains(ips, e.IP) {
				ips = append(ips, e.IP)
			}
		}
	}
	if dns { // its port only: the API server has the same address
		matches = append(matches, fmt.Sprintf("ip daddr %s @th,16,16 53", nodeIP))
	}
	if len(ips) > 0 {
		matches = append(matches, fmt.Sprintf("ip %s { %s }", far, strings.Join(ips, ", ")))
	}
	return matches
}

func (w world) isPeer(p object, one peer, pod object) bool {
	if one.NamespaceSelector == nil {
		if pod.Metadata.Namespace != p.Metadata.Namespace {
			return false
		}
	} else if !one.NamespaceSelector.matches(w.namespaces["/"+pod.Metadata.Namespace].Metadata.Labels) {
		return false
	}
	return one.PodSelector == nil || one.PodSelector.matches(pod.Metadata.Labels)
}

// ports are the matches of a rule's ports; no ports at all means every port and protocol.
func (w world) ports(p object, r policyRule, direction string) []string {
	if len(r.Ports) == 0 {
		return []string{""}
	}
	matches := []string{}
	for _, port := range r.Ports {
		protocol := strings.ToLower(port.Protocol)
		if protocol == "" {
			protocol = "tcp"
		}
		number, name := 0, ""
		switch {
		case len(port.Port) == 0:
			matches = append(matches, "meta l4proto "+protocol)
		case json.Unmarshal(port.Port, &number) == nil && port.EndPort > number:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d", protocol, number, port.EndPort))
		case number > 0:
			matches = append(matches, fmt.Sprintf("%s dport %d", protocol, number))
		case json.Unmarshal(port.Port, &name) == nil:
			matches = append(matches, w.namedPort(p, name, protocol, direction)...)
		}
	}
	return matches
}

// namedPort is the port of that name of every pod that can be the destination.
func (w world) namedPort(p object, name, protocol, direction string) []string {
	matches := []string{}
	for _, e := range w.endpoints {
		pod, known := w.podOf(e)
		if !known || direction == "Ingress" && pod.Metadata.Namespace != p.Metadata.Namespace {
			continue
		}
		for _, c := range pod.Spec.Containers {
			for _, port := range c.Ports {
				if port.Name == name && strings.EqualFold(port.Protocol, protocol) {
					matches = append(matches, fmt.Sprintf("ip daddr %s %s dport %d", e.IP, protocol, port.ContainerPort))
				}
			}
		}
	}
	return matches
}
