package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// identity is a certificate of the cluster: who it is and which addresses it serves.
type identity struct {
	file   string
	name   string
	groups []string
	ips    []string
	hosts  []string
}

// identities carry the names that Kubernetes' own bootstrap roles are bound to, so that every
// component has the rights it has in any other cluster and no more.
var identities = []identity{
	{file: "apiserver", name: "kube-apiserver", ips: []string{"127.0.0.1", nodeIP, kubernetesIP},
		hosts: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}},
	{file: "apiserver-kubelet-client", name: "kube-apiserver-kubelet-client", groups: []string{"system:masters"}},
	{file: "front-proxy", name: "front-proxy-client"},
	{file: "admin", name: "cluster-admin", groups: []string{"system:masters"}},
	{file: "netpol", name: "wheelhouse-netpol", groups: []string{"system:masters"}},
	{file: "kube-controller-manager", name: "system:kube-controller-manager"},
	{file: "kube-scheduler", name: "system:kube-scheduler"},
	{file: "kube-proxy", name: "system:kube-proxy"},
	{file: "kubelet", name: "system:node:" + nodeName, groups: []string{"system:nodes"},
		ips: []string{"127.0.0.1", nodeIP}, hosts: []string{nodeName}},
	{file: "coredns", name: dnsUser},
}

// kubeconfigs are the identities that other programs than this one use.
var kubeconfigs = []string{"kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "coredns"}

// ensurePKI makes the certificate authority, every certificate and the kubeconfigs once. A
// cluster of older sources gets what it lacks, by the authority it has.
func (c Cluster) ensurePKI() error {
	if fileExists(c.path("kubeconfig")) {
		return c.addIdentities()
	}
	if err := os.MkdirAll(c.path("pki"), 0o700); err != nil {
		return err
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca := certificate(1, identity{name: "wheelhouse-local-ca"})
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	ca.ExtKeyUsage = nil
	if err := c.issue("ca", ca, ca, caKey, caKey); err != nil {
		return err
	}
	for i := range identities {
		if err := c.issueIdentity(i, ca, caKey); err != nil {
			return err
		}
	}
	if err := c.serviceAccountKey(); err != nil {
		return err
	}
	for _, user := range kubeconfigs {
		if err := c.writeKubeconfig(user, c.path(user+".kubeconfig")); err != nil {
			return err
		}
	}
	return c.writeKubeconfig("admin", c.path("kubeconfig")) // last: it says that all of this is done
}

// addIdentities makes the certificates and kubeconfigs that a living cluster does not have yet.
func (c Cluster) addIdentities() error {
	for i, id := range identities {
		if fileExists(c.pki(id.file+".crt")) && fileExists(c.pki(id.file+".key")) {
			continue
		}
		pair, err := tls.LoadX509KeyPair(c.pki("ca.crt"), c.pki("ca.key"))
		if err != nil {
			return err
		}
		if err := c.issueIdentity(i, pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey)); err != nil {
			return err
		}
	}
	for _, user := range kubeconfigs {
		if path := c.path(user + ".kubeconfig"); !fileExists(path) {
			if err := c.writeKubeconfig(user, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Cluster) issueIdentity(index int, ca *x509.Certificate, caKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	id := identities[index]
	return c.issue(id.file, certificate(int64(index+2), id), ca, key, caKey)
}

func certificate(serial int64, id identity) *x509.Certificate {
	now := time.Now()
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: id.name, Organization: id.groups},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:     id.hosts,
	}
	for _, ip := range id.ips {
		cert.IPAddresses = append(cert.IPAddresses, net.ParseIP(ip))
	}
	return cert
}

func (c Cluster) issue(file string, cert, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, key.Public(), signer)
	if err != nil {
		return fmt.Errorf("certificate %s: %w", file, err)
	}
	if err := writePEM(c.pki(file+".crt"), "CERTIFICATE", der, 0o644); err != nil {
		return err
	}
	return writeKey(c.pki(file+".key"), key)
}

func (c Cluster) serviceAccountKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(c.pki("sa.pub"), "PUBLIC KEY", public, 0o644); err != nil {
		return err
	}
	return writeKey(c.pki("sa.key"), key)
}

func writeKey(path string, key crypto.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}

// writeKubeconfig embeds the certificates: the file works when copied elsewhere.
func (c Cluster) writeKubeconfig(user, path string) error {
	ca, err := os.ReadFile(c.pki("ca.crt"))
	if err != nil {
		return err
	}
	cert, err := os.ReadFile(c.pki(user + ".crt"))
	if err != nil {
		return err
	}
	key, err := os.ReadFile(c.pki(user + ".key"))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(kubeconfig(user, ca, cert, key)), 0o600)
}
