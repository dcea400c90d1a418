package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// basePackages are what a JVM needs of Debian. There is no shell: less to keep up to date and
// less for an intruder.
var basePackages = []string{"base-files", "ca-certificates", "libc6", "libgcc-s1", "netbase", "tzdata", "zlib1g"}

// sandboxPackages are what an agent's commands find in the sandbox, on top of the essential set.
var sandboxPackages = []string{"ca-certificates", "python3"}

const sandboxSuite = "bookworm"

// jdkModules are the parts of the JDK that a Quarkus application uses.
var jdkModules = []string{
	"java.base", "java.compiler", "java.desktop", "java.instrument", "java.logging", "java.management",
	"java.naming", "java.net.http", "java.rmi", "java.scripting", "java.security.jgss", "java.security.sasl", "java.sql",
	"java.transaction.xa", "java.xml", "jdk.crypto.ec", "jdk.httpserver", "jdk.jfr", "jdk.management", "jdk.management.agent",
	"jdk.naming.dns", "jdk.net", "jdk.unsupported", "jdk.zipfs",
}

// rootSpec is the image of one of the two root file systems.
func (c Cluster) rootSpec(kind string) (imageSpec, error) {
	spec := imageSpec{Name: "wheelhouse.local/" + kind + ":dev", User: imageUser, WorkingDir: "/"}
	var l layer
	var err error
	switch kind {
	case "base":
		l, err = c.baseLayer()
		spec.Env = []string{"PATH=/opt/java/bin:/usr/bin:/bin", "JAVA_HOME=/opt/java", "LANG=C.UTF-8",
			"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"}
		spec.Cmd = []string{"/opt/java/bin/java", "-version"}
	case "sandbox":
		l, err = c.sandboxLayer()
		spec.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8"}
		spec.Cmd = []string{"/bin/sh"}
	default:
		return spec, fmt.Errorf("no base image %q", kind)
	}
	spec.Layers = []layer{l}
	return spec, err
}

func (c Cluster) pauseSpec() (imageSpec, error) {
	dir := filepath.Join(c.State, "images")
	root, err := os.MkdirTemp("", "pause-")
	if err != nil {
		return imageSpec{}, err
	}
	defer os.RemoveAll(root)
	data, err := os.ReadFile(c.bin("pause"))
	if err != nil {
		return imageSpec{}, err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(root, "pause"), data, 0o755)); err != nil {
		return imageSpec{}, err
	}
	l, err := packLayer(root, "", filepath.Join(dir, fileName(pauseImage)+".layer"))
	return imageSpec{Name: pauseImage, Layers: []layer{l}, User: imageUser, WorkingDir: "/",
		Entrypoint: []string{"/pause"}}, err
}

// cachedLayer gives the layer of this name from the cache, or makes it.
func (c Cluster) cachedLayer(name string, build func(dir string) (layer, error)) (layer, error) {
	final := filepath.Join(c.Cache, name)
	unlock, err := lock(final + ".lock")
	if err != nil {
		return layer{}, err
	}
	defer unlock()
	if data, err := os.ReadFile(filepath.Join(final, "layer.json")); err == nil {
		l := layer{Path: filepath.Join(final, "layer.tar")}
		if err := json.Unmarshal(data, &l); err == nil && fileExists(l.Path) {
			return l, nil
		}
	}
	start := time.Now()
	tmp, err := os.MkdirTemp(c.Cache, ".layer-")
	if err != nil {
		return layer{}, err
	}
	defer os.RemoveAll(tmp)
	l, err := build(tmp)
	if err != nil {
		return layer{}, err
	}
	data, err := json.Marshal(l)
	if err != nil {
		return layer{}, err
	}
	if err := errors.Join(os.RemoveAll(final), os.MkdirAll(final, 0o755),
		os.Rename(l.Path, filepath.Join(final, "layer.tar")),
		os.WriteFile(filepath.Join(final, "layer.json"), data, 0o644)); err != nil {
		return layer{}, err
	}
	l.Path = filepath.Join(final, "layer.tar")
	say("made %s (%d MB) in %s", name, l.Size>>20, time.Since(start).Round(time.Second))
	return l, nil
}

// baseLayer is a small Debian without a shell, and a JDK cut down to the modules needed.
func (c Cluster) baseLayer() (layer, error) {
	jdk, err := output(filepath.Join(c.Dir, "java-home.sh"))
	if err != nil {
		return layer{}, err
	}
	jdk = strings.TrimSpace(jdk)
	words := append(append([]string{"base 2"}, basePackages...), jdkModules...)
	hash, err := hashOf(words, filepath.Join(jdk, "release"), "/etc/os-release")
	if err != nil {
		return layer{}, err
	}
	return c.cachedLayer("base-"+hash, func(dir string) (layer, error) {
		root := filepath.Join(dir, "root")
		if err := errors.Join(unpackDebian(dir, root), linkJDK(jdk, root), finishRoot(root)); err != nil {
			return layer{}, err
		}
		return packLayer(root, "", filepath.Join(dir, "layer.tar"))
	})
}

func unpackDebian(dir, root string) error {
	debs := filepath.Join(dir, "debs")
	if err := errors.Join(os.MkdirAll(debs, 0o755), os.MkdirAll(root, 0o755)); err != nil {
		return err
	}
	download := func() error {
		// apt would drop its privileges for a folder its own user cannot read.
		cmd := exec.Command("apt-get", append([]string{"-q", "-o", "APT::Sandbox::User=root", "download"}, basePackages...)...)
		cmd.Dir = debs
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get download: %w: %s", err, out)
		}
		return nil
	}
	if download() != nil { // the package lists may be old
		if _, err := output("apt-get", "-q", "update"); err != nil {
			return err
		}
		if err := download(); err != nil {
			return err
		}
	}
	files, _ := filepath.Glob(filepath.Join(debs, "*.deb"))
	for _, file := range files {
		if _, err := output("dpkg-deb", "--extract", file, root); err != nil {
			return err
		}
	}
	for _, unneeded := range []string{"usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/share/locale", "usr/sbin", "sbin"} {
		if err := os.RemoveAll(filepath.Join(root, unneeded)); err != nil {
			return err
		}
	}
	return nil
}

func linkJDK(jdk, root string) error {
	if err := os.MkdirAll(filepath.Join(root, "opt"), 0o755); err != nil {
		return err
	}
	_, err := output(filepath.Join(jdk, "bin", "jlink"), "--add-modules", strings.Join(jdkModules, ","),
		"--strip-java-debug-attributes", "--no-header-files", "--no-man-pages", "--generate-cds-archive",
		"--output", filepath.Join(root, "opt", "java"))
	return err
}

// finishRoot adds what the packages' own scripts would have made.
func finishRoot(root string) error {
	certs, _ := filepath.Glob(filepath.Join(root, "usr/share/ca-certificates/mozilla/*.crt"))
	bundle := strings.Builder{}
	for _, file := range certs {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		bundle.Write(data)
	}
	files := map[string]string{
		"etc/passwd":                        "root:x:0:0:root:/:/usr/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin\n",
		"etc/group":                         "root:x:0:\nnonroot:x:65532:\n",
		"etc/nsswitch.conf":                 "passwd: files\ngroup: files\nhosts: files dns\n",
		"etc/ssl/certs/ca-certificates.crt": bundle.String(),
	}
	for name, content := range files {
		if err := write(filepath.Join(root, name), content, 0o644); err != nil {
			return err
		}
	}
	for _, dir := range []string{"app", "home/nonroot", "tmp", "proc", "sys", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	return os.Chmod(filepath.Join(root, "tmp"), os.ModeSticky|0o777)
}

// sandboxLayer is Debian's essential packages with a shell and Python.
func (c Cluster) sandboxLayer() (layer, error) {
	hash, err := hashOf(append([]string{"sandbox 1", sandboxSuite}, sandboxPackages...))
	if err != nil {
		return layer{}, err
	}
	return c.cachedLayer("sandbox-"+hash, func(dir string) (layer, error) {
		raw := filepath.Join(dir, "raw.tar")
		cmd := exec.Command("mmdebstrap", "--variant=essential", "--mode=root", "--include="+strings.Join(sandboxPackages, ","),
			"--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
			`--customize-hook=echo 'agent:x:65532:65532:agent:/tmp:/bin/sh' >> "$1/etc/passwd"`,
			`--customize-hook=echo 'agent:x:65532:' >> "$1/etc/group"`,
			`--customize-hook=mkdir -p "$1/app" "$1/workspace"`,
			sandboxSuite, raw)
		cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", epoch.Unix()))
		if out, err := cmd.CombinedOutput(); err != nil {
			return layer{}, fmt.Errorf("mmdebstrap: %w: %s", err, out)
		}
		return withoutDevices(raw, filepath.Join(dir, "layer.tar"))
	})
}

// withoutDevices copies a root file system's tar without its device files: the runtime makes
// them, and a user namespace could not.
func withoutDevices(in, out string) (layer, error) {
	f, err := os.Open(in)
	if err != nil {
		return layer{}, err
	}
	defer f.Close()
	return createLayer(out, func(tw *tar.Writer) error {
		tr := tar.NewReader(f)
		for {
			header, err := tr.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if header.Typeflag == tar.TypeChar || header.Typeflag == tar.TypeBlock {
				continue
			}
			header.ModTime, header.Format = epoch, tar.FormatUnknown
			header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
			if err := tw.WriteHeader(header); err != nil {
				return err
			}
			if _, err := io.Copy(tw, tr); err != nil {
				return err
			}
		}
	})
}
