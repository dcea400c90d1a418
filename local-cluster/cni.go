package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// cniPlugin is the name under which this program is a CNI plugin, chained after the one that
// makes a pod's link: it tells the enforcer of NetworkPolicies about the pod's address, and the
// pod does not start before the rules are loaded.
const cniPlugin = "wheelhouse-netpol"

type cniConfig struct {
	CNIVersion string          `json:"cniVersion"`
	State      string          `json:"state"`
	PrevResult json.RawMessage `json:"prevResult"`
}

// runCNI is the plugin's main: arguments are in the environment, the configuration on stdin.
func runCNI(command string, stdin io.Reader, stdout io.Writer) error {
	if command == "VERSION" {
		fmt.Fprintln(stdout, `{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}`)
		return nil
	}
	conf := cniConfig{}
	if err := json.NewDecoder(stdin).Decode(&conf); err != nil {
		return err
	}
	c := Cluster{State: conf.State}
	file := filepath.Join(c.endpointDir(), filepath.Base(os.Getenv("CNI_CONTAINERID"))+".json")
	switch command {
	case "ADD":
		if err := c.addEndpoint(file, conf.PrevResult); err != nil {
			os.Remove(file)
			return err
		}
		_, err := stdout.Write(conf.PrevResult)
		return err
	case "DEL":
		os.Remove(file)
		c.tellEnforcer(endpoint{}) // if it does not run, it reads the files when it starts
	}
	return nil
}

func (c Cluster) addEndpoint(file string, result json.RawMessage) error {
	previous := struct {
		IPs []struct {
			Address string `json:"address"`
		} `json:"ips"`
	}{}
	if err := json.Unmarshal(result, &previous); err != nil || len(previous.IPs) == 0 {
		return errors.New("the plugin before this one gave no address")
	}
	ip, _, err := net.ParseCIDR(previous.IPs[0].Address)
	if err != nil {
		return err
	}
	args := map[string]string{}
	for _, pair := range strings.Split(os.Getenv("CNI_ARGS"), ";") {
		k, v, _ := strings.Cut(pair, "=")
		args[k] = v
	}
	one := endpoint{IP: ip.String(), Namespace: args["K8S_POD_NAMESPACE"], Name: args["K8S_POD_NAME"], UID: args["K8S_POD_UID"]}
	data, err := json.Marshal(one)
	if err != nil {
		return err
	}
	if err := write(file, string(data), 0o644); err != nil {
		return err
	}
	return c.tellEnforcer(one)
}

func (c Cluster) tellEnforcer(one endpoint) error {
	conn, err := net.DialTimeout("unix", c.netpolSocket(), 2*time.Second)
	if err != nil {
		return fmt.Errorf("the enforcer of NetworkPolicies does not run (%w): start the cluster again", err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if err := json.NewEncoder(conn).Encode(one); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if answer = strings.TrimSpace(answer); answer != "ok" {
		return errors.New(answer)
	}
	return nil
}

// cniFailure is how a plugin reports an error.
func cniFailure(err error) string {
	data, _ := json.Marshal(map[string]any{"cniVersion": "1.0.0", "code": 100, "msg": err.Error()})
	return string(data)
}
