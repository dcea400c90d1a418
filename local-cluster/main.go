// Command local-cluster runs a real single-node Kubernetes on this machine without Docker:
// its programs come from Go modules, its images are put together from files.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const usage = `local-cluster/cluster COMMAND

  up                        start the cluster, or whatever part of it is not running
                            AUDIT=1 writes the API server's audit log to .state/audit.log, AUDIT=0 stops it
  down                      stop it and remove everything it made
  status                    what runs and where
  build                     only build the binaries
  load IMAGE.tar...         import images ("docker save" or OCI form)
  image base|sandbox|pause  make one of the project's own images
  image NAME:TAG --app DIR [--at PLACE] --entrypoint '["/opt/java/bin/java",...]' [--env K=V]... [--out FILE]
                            the base image plus the folder DIR as /app

WHEELHOUSE_STATE overrides the state folder local-cluster/.state.
`

func main() {
	if filepath.Base(os.Args[0]) == cniPlugin {
		if err := runCNI(os.Getenv("CNI_COMMAND"), os.Stdin, os.Stdout); err != nil {
			fmt.Println(cniFailure(err))
			os.Exit(1)
		}
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if state, ok := strings.CutPrefix(args[0], netpolFlag); ok {
		return Cluster{State: filepath.Clean(state)}.enforce()
	}
	c, err := locate()
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return c.up()
	case "down":
		return c.down()
	case "status":
		return c.status()
	case "build":
		return c.build()
	case "load":
		return c.load(args[1:])
	case "image":
		return c.image(args[1:])
	case "help", "-h", "--help":
		fmt.Print(usage)
		return nil
	}
	return fmt.Errorf("unknown command %q\n\n%s", args[0], usage)
}

// say reports progress on standard error: standard output is for results.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func sorted(words []string) []string {
	out := append([]string{}, words...)
	sort.Strings(out)
	return out
}
