package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// layer is one uncompressed tar of an image, so that its blob digest is also its diff id.
type layer struct {
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	Path   string `json:"path"`
}

// imageSpec says what an image is.
type imageSpec struct {
	Name       string
	Layers     []layer
	Entrypoint []string
	Cmd        []string
	Env        []string
	User       string
	WorkingDir string
}

// epoch is the time of everything in an image: the same content always has the same digest.
var epoch = time.Unix(1, 0).UTC()

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// writeImage writes an archive that is both an OCI layout and a "docker save" file. Layers in
// absent are only named, not contained: containerd has them already.
func writeImage(w io.Writer, spec imageSpec, absent map[string]bool) error {
	config, manifest, index, docker, err := documents(spec)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	put := func(name string, data []byte) error {
		return putFile(tw, name, int64(len(data)), bytes.NewReader(data))
	}
	if err := put("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)); err != nil {
		return err
	}
	for _, l := range spec.Layers {
		if absent[l.Digest] {
			continue
		}
		f, err := os.Open(l.Path)
		if err != nil {
			return err
		}
		err = putFile(tw, blobPath(l.Digest), l.Size, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	for _, blob := range [][]byte{config, manifest} {
		if err := put(blobPath(digestOf(blob)), blob); err != nil {
			return err
		}
	}
	if err := put("index.json", index); err != nil {
		return err
	}
	if len(absent) == 0 { // an incomplete "docker save" file would only mislead
		if err := put("manifest.json", docker); err != nil {
			return err
		}
	}
	return tw.Close()
}

// documents renders the JSON documents of an image.
func documents(spec imageSpec) (config, manifest, index, docker []byte, err error) {
	diffs, layers, paths := []string{}, []descriptor{}, []string{}
	for _, l := range spec.Layers {
		diffs = append(diffs, l.Digest)
		layers = append(layers, descriptor{MediaType: "application/vnd.oci.image.layer.v1.tar", Digest: l.Digest, Size: l.Size})
		paths = append(paths, blobPath(l.Digest))
	}
	settings := map[string]any{"Env": spec.Env, "User": spec.User, "WorkingDir": spec.WorkingDir}
	if len(spec.Entrypoint) > 0 {
		settings["Entrypoint"] = spec.Entrypoint
	}
	if len(spec.Cmd) > 0 {
		settings["Cmd"] = spec.Cmd
	}
	if config, err = json.Marshal(map[string]any{
		"architecture": goarch, "os": "linux", "created": epoch.Format(time.RFC3339), "config": settings,
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffs},
	}); err != nil {
		return
	}
	if manifest, err = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": descriptor{MediaType: "application/vnd.oci.image.config.v1+json", Digest: digestOf(config), Size: int64(len(config))},
		"layers": layers,
	}); err != nil {
		return
	}
	if index, err = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
		"manifests": []descriptor{{
			MediaType: "application/vnd.oci.image.manifest.v1+json", Digest: digestOf(manifest), Size: int64(len(manifest)),
			Annotations: map[string]string{"io.containerd.image.name": spec.Name, "org.opencontainers.image.ref.name": spec.Name},
		}},
	}); err != nil {
		return
	}
	docker, err = json.Marshal([]map[string]any{{
		"Config": blobPath(digestOf(config)), "RepoTags": []string{spec.Name}, "Layers": paths,
	}})
	return
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func blobPath(digest string) string { return "blobs/sha256/" + digest[len("sha256:"):] }

func putFile(tw *tar.Writer, name string, size int64, content io.Reader) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: epoch}
	if err := tw.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(tw, content)
	return err
}

// packLayer makes a layer of a folder, placed at prefix in the image. Everything belongs to
// root and nothing is writable for others: the image's user can only read it.
func packLayer(folder, prefix, out string) (layer, error) {
	return createLayer(out, func(tw *tar.Writer) error {
		return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			return putEntry(tw, path, filepath.Join(prefix, rel), d)
		})
	})
}

func putEntry(tw *tar.Writer, path, name string, d fs.DirEntry) error {
	if name == "." {
		return nil
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	} else if !info.IsDir() && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is neither a file, a folder nor a link", path)
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	header.Name, header.ModTime, header.AccessTime, header.ChangeTime = name, epoch, time.Time{}, time.Time{}
	header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
	header.Format = tar.FormatUnknown
	switch {
	case info.Mode()&fs.ModeSticky != 0: // /tmp
		header.Mode = 0o1777
	case info.IsDir() || info.Mode()&0o111 != 0:
		header.Mode = 0o755
	default:
		header.Mode = 0o644
	}
	if info.IsDir() {
		header.Name += "/"
	}
	if err := tw.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(tw, f)
	return err
}

// createLayer writes a tar and its digest in one go.
func createLayer(out string, fill func(*tar.Writer) error) (layer, error) {
	f, err := os.Create(out)
	if err != nil {
		return layer{}, err
	}
	defer f.Close()
	hash := sha256.New()
	tw := tar.NewWriter(io.MultiWriter(f, hash))
	if err := fill(tw); err != nil {
		return layer{}, err
	}
	if err := tw.Close(); err != nil {
		return layer{}, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	return layer{Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil)), Size: size, Path: out}, err
}
