package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const goarch = runtime.GOARCH

const imageUser = "65532:65532"

// ctr runs containerd's own client in the kubelet's namespace.
func (c Cluster) ctr(ctx context.Context, args ...string) error {
	args = append([]string{"--address", c.containerdSocket(), "--namespace", "k8s.io"}, args...)
	out, err := exec.CommandContext(ctx, c.bin("ctr"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr %s: %w: %s", strings.Join(args[4:], " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// load imports image archives.
func (c Cluster) load(files []string) error {
	if len(files) == 0 {
		return errors.New("load what? give image archives")
	}
	if !dials("unix", c.containerdSocket()) {
		return errors.New("the cluster is not running: start it with up")
	}
	for _, file := range files {
		if err := c.importArchive(file); err != nil {
			return err
		}
	}
	return nil
}

func (c Cluster) importArchive(file string) error {
	// The local import accepts archives that only name the layers containerd already has.
	return c.ctr(context.Background(), "images", "import", "--local", file)
}

func (c Cluster) hasBlob(digest string) bool {
	return fileExists(c.path("containerd", "root", "io.containerd.content.v1.content", blobPath(digest)))
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// importAll imports the pause image and every image the project has made.
func (c Cluster) importAll() error {
	pause, err := c.pauseSpec()
	if err != nil {
		return err
	}
	if err := c.importImage(pause, c.path("images", fileName(pauseImage)+".json")); err != nil {
		return err
	}
	files, _ := filepath.Glob(c.path("images", "*.json"))
	for _, file := range sorted(files) {
		spec := imageSpec{}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, &spec); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := c.importImage(spec, file); err != nil {
			say("image %s was not imported, make it again: %v", spec.Name, err)
		}
	}
	return nil
}

// image makes an image, remembers it for the next start and imports it if the cluster runs.
func (c Cluster) image(args []string) error {
	if len(args) == 0 {
		return errors.New("which image? base, sandbox, pause, or NAME:TAG --app DIR --entrypoint JSON")
	}
	start := time.Now()
	spec, out, err := c.parseImage(args)
	if err != nil {
		return err
	}
	if out != "" {
		f, err := os.Create(out)
		if err != nil {
			return err
		}
		if err := errors.Join(writeImage(f, spec, nil), f.Close()); err != nil {
			return err
		}
		fmt.Println(out)
		return nil
	}
	data, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	record := c.path("images", fileName(spec.Name)+".json")
	if err := write(record, string(data)+"\n", 0o644); err != nil {
		return err
	}
	if !dials("unix", c.containerdSocket()) {
		say("image %s made in %s: it is imported when the cluster starts", spec.Name, time.Since(start).Round(100*time.Millisecond))
		return nil
	}
	if err := c.importImage(spec, record); err != nil {
		return err
	}
	say("image %s made and imported in %s", spec.Name, time.Since(start).Round(100*time.Millisecond))
	return nil
}

// importImage imports an image without the layers containerd already has.
func (c Cluster) importImage(spec imageSpec, record string) error {
	absent := map[string]bool{}
	for _, l := range spec.Layers {
		if c.hasBlob(l.Digest) {
			absent[l.Digest] = true
		}
	}
	archive := strings.TrimSuffix(record, ".json") + ".tar"
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	defer os.Remove(archive)
	if err := errors.Join(writeImage(f, spec, absent), f.Close()); err != nil {
		return err
	}
	return c.importArchive(archive)
}

func fileName(image string) string { return strings.NewReplacer("/", "_", ":", "_").Replace(image) }

// parseImage makes the layers and gives the description of the image the command line asks for.
func (c Cluster) parseImage(args []string) (spec imageSpec, out string, err error) {
	name, app, at, entrypoint, cmd, workdir := args[0], "", "", "", "", ""
	env := list{}
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it, the usage is in help
	flags.StringVar(&app, "app", "", "folder that becomes /app")
	flags.StringVar(&at, "at", "app", "where the folder is in the image instead")
	flags.StringVar(&entrypoint, "entrypoint", "", "JSON list")
	flags.StringVar(&cmd, "cmd", "", "JSON list")
	flags.StringVar(&workdir, "workdir", "", "working directory")
	flags.StringVar(&out, "out", "", "only write the complete archive to this file")
	flags.Var(&env, "env", "K=V, may be repeated")
	base := flags.String("base", "base", "base or sandbox")
	if err = flags.Parse(args[1:]); err != nil {
		return
	}
	if flags.NArg() > 0 {
		return spec, "", fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	switch name {
	case "pause":
		spec, err = c.pauseSpec()
		return
	case "base", "sandbox":
		spec, err = c.rootSpec(name)
		return
	}
	if !strings.Contains(name, ":") {
		return spec, "", fmt.Errorf("image %q needs a name and a tag", name)
	}
	if app == "" {
		return spec, "", errors.New("an application image needs --app DIR")
	}
	if spec, err = c.rootSpec(*base); err != nil {
		return
	}
	spec.Name, spec.WorkingDir = name, "/"+at
	spec.Env = append(spec.Env, env...)
	if workdir != "" {
		spec.WorkingDir = workdir
	}
	if err = startWith(&spec, entrypoint, cmd); err != nil {
		return
	}
	appLayer, err := c.appLayer(name, app, at)
	spec.Layers = append(spec.Layers, appLayer)
	return spec, out, err
}

// startWith sets what the image runs. As in other image builders, a new entry point drops the
// base image's command: it would become its arguments.
func startWith(spec *imageSpec, entrypoint, cmd string) error {
	parse := func(text string) (words []string, err error) {
		if text == "" {
			return nil, nil
		}
		if err = json.Unmarshal([]byte(text), &words); err != nil {
			err = fmt.Errorf("%s is no JSON list of strings: %w", text, err)
		}
		return words, err
	}
	start, err := parse(entrypoint)
	if err != nil {
		return err
	}
	arguments, err := parse(cmd)
	if err != nil {
		return err
	}
	if start != nil {
		spec.Entrypoint, spec.Cmd = start, nil
	}
	if arguments != nil {
		spec.Cmd = arguments
	}
	return nil
}

// appLayer packs the application folder; it belongs to this clone, so it stays in its state.
func (c Cluster) appLayer(name, folder, at string) (layer, error) {
	if err := os.MkdirAll(c.path("images"), 0o755); err != nil {
		return layer{}, err
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return layer{}, fmt.Errorf("%s is no folder: build the application first", folder)
	}
	return packLayer(folder, at, c.path("images", fileName(name)+".layer"))
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }
