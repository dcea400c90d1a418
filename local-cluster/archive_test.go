package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func sampleFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"quarkus-run.jar": "jar", "lib/main/a.jar": "a", "bin/tool": "#!"} {
		if err := write(filepath.Join(dir, name), content, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(dir, "bin/tool"), 0o750)
	os.Mkdir(filepath.Join(dir, "tmp"), 0o755)
	os.Chmod(filepath.Join(dir, "tmp"), os.ModeSticky|0o777)
	os.Symlink("lib/main", filepath.Join(dir, "link"))
	return dir
}

func entries(t *testing.T, data []byte) (map[string]*tar.Header, map[string][]byte) {
	t.Helper()
	headers, contents := map[string]*tar.Header{}, map[string][]byte{}
	tr := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return headers, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		headers[h.Name] = h
		contents[h.Name], _ = io.ReadAll(tr)
	}
}

func TestALayerIsReadableByAnyoneAndWritableByRootOnly(t *testing.T) {
	l, err := packLayer(sampleFolder(t), "app", filepath.Join(t.TempDir(), "layer.tar"))
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(l.Path)
	if l.Digest != digestOf(data) || l.Size != int64(len(data)) {
		t.Errorf("digest or size do not match the file: %+v", l)
	}
	headers, _ := entries(t, data)
	for name, mode := range map[string]int64{"app/": 0o755, "app/quarkus-run.jar": 0o644, "app/bin/tool": 0o755, "app/tmp/": 0o1777} {
		h := headers[name]
		if h == nil {
			t.Fatalf("no %s in %v", name, headers)
		}
		if h.Mode != mode || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(epoch) {
			t.Errorf("%s: %+v", name, h)
		}
	}
	if headers["app/link"].Linkname != "lib/main" {
		t.Error("the link lost its target")
	}
}

func TestTheSameContentHasTheSameDigest(t *testing.T) {
	one := sampleFolder(t)
	two := sampleFolder(t)
	os.Chtimes(filepath.Join(two, "quarkus-run.jar"), time.Now(), time.Now().Add(-time.Hour))
	out := t.TempDir()
	a, err := packLayer(one, "app", filepath.Join(out, "a"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := packLayer(two, "app", filepath.Join(out, "b"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Digest != b.Digest {
		t.Error("time or place of the files changed the digest")
	}
}

func sampleImage(t *testing.T) imageSpec {
	t.Helper()
	out := t.TempDir()
	base, err := packLayer(sampleFolder(t), "", filepath.Join(out, "base"))
	if err != nil {
		t.Fatal(err)
	}
	app, err := packLayer(sampleFolder(t), "app", filepath.Join(out, "app"))
	if err != nil {
		t.Fatal(err)
	}
	return imageSpec{Name: "wheelhouse.local/x:dev", Layers: []layer{base, app}, Entrypoint: []string{"/bin/tool"},
		Env: []string{"A=b"}, User: imageUser, WorkingDir: "/app"}
}

func TestACompleteImageIsOCILayoutAndDockerSave(t *testing.T) {
	spec := sampleImage(t)
	buffer := bytes.Buffer{}
	if err := writeImage(&buffer, spec, nil); err != nil {
		t.Fatal(err)
	}
	_, files := entries(t, buffer.Bytes())
	docker := []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{}
	if err := json.Unmarshal(files["manifest.json"], &docker); err != nil {
		t.Fatal(err)
	}
	if docker[0].RepoTags[0] != spec.Name || len(docker[0].Layers) != 2 {
		t.Errorf("manifest.json: %+v", docker)
	}
	config := struct {
		Config struct {
			User, WorkingDir string
			Entrypoint, Env  []string
		} `json:"config"`
		Rootfs struct {
			Diffs []string `json:"diff_ids"`
		} `json:"rootfs"`
	}{}
	if err := json.Unmarshal(files[docker[0].Config], &config); err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || config.Config.Entrypoint[0] != "/bin/tool" || config.Config.WorkingDir != "/app" {
		t.Errorf("config: %+v", config)
	}
	for i, l := range docker[0].Layers {
		if digestOf(files[l]) != config.Rootfs.Diffs[i] || blobPath(config.Rootfs.Diffs[i]) != l {
			t.Errorf("layer %d is not what the configuration says", i)
		}
	}
	index := struct{ Manifests []descriptor }{}
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	m := index.Manifests[0]
	if m.Annotations["io.containerd.image.name"] != spec.Name || digestOf(files[blobPath(m.Digest)]) != m.Digest {
		t.Errorf("index.json: %+v", index)
	}
}

func TestLayersThatContainerdHasAreOnlyNamed(t *testing.T) {
	spec := sampleImage(t)
	buffer := bytes.Buffer{}
	if err := writeImage(&buffer, spec, map[string]bool{spec.Layers[0].Digest: true}); err != nil {
		t.Fatal(err)
	}
	_, files := entries(t, buffer.Bytes())
	if files[blobPath(spec.Layers[0].Digest)] != nil {
		t.Error("the base layer is in the archive")
	}
	if files[blobPath(spec.Layers[1].Digest)] == nil {
		t.Error("the application layer is missing")
	}
	if files["manifest.json"] != nil {
		t.Error("an incomplete archive says that it is a docker image")
	}
}

func TestImageArguments(t *testing.T) {
	c := Cluster{Dir: t.TempDir(), State: t.TempDir(), Cache: t.TempDir()}
	for _, args := range [][]string{
		{"operator", "--app", "x"},                         // no tag
		{"operator:dev"},                                   // no folder
		{"operator:dev", "--app", "/nowhere", "rest"},      // something too much
		{"operator:dev", "--app", "/nowhere", "--unknown"}, // no such flag
	} {
		if _, _, err := c.parseImage(args); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestANewEntryPointDropsTheBaseImagesCommand(t *testing.T) {
	for _, c := range []struct{ entrypoint, cmd, want string }{
		{"", "", "[] [java -version]"}, {`["a"]`, "", "[a] []"}, {`["a"]`, `["b"]`, "[a] [b]"}, {"", `["b"]`, "[] [b]"},
	} {
		spec := imageSpec{Cmd: []string{"java", "-version"}}
		if err := startWith(&spec, c.entrypoint, c.cmd); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(spec.Entrypoint, " ", spec.Cmd); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.entrypoint, c.cmd, got, c.want)
		}
	}
	if startWith(&imageSpec{}, "java -jar", "") == nil {
		t.Error("a shell line was taken for a list")
	}
}
