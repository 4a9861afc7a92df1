package engine

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestOpen(t *testing.T) {
	for _, name := range []string{"", "go", "auto"} {
		e, err := Open(name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if e.Description() == "" {
			t.Errorf("%q: no description", name)
		}
		if name != "auto" && e.Name() != "go" {
			t.Errorf("%q opened %s", name, e.Name())
		}
	}
	if _, err := Open("cuda"); err == nil || !strings.Contains(err.Error(), "use go, xla or auto") {
		t.Errorf("unknown backend: %v", err)
	}
	a, _ := Open("go")
	b, _ := Open("go")
	if a != b {
		t.Error("the same backend was opened twice")
	}
}

func TestOpenXLASaysWhatIsMissing(t *testing.T) {
	if _, err := Open("xla"); !HasXLA && (err == nil || !strings.Contains(err.Error(), "make build-xla")) {
		t.Errorf("a build without XLA says %v", err)
	}
	if !HasXLA {
		return
	}
	// A setting that leads nowhere is an error that names it and the remedy, and
	// auto falls back.
	cmd := exec.Command(os.Args[0])
	missing := t.TempDir() + "/none_cpu.so"
	cmd.Env = append(os.Environ(), childVariable+"=xla", PluginVariable+"="+missing)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), missing) || !strings.Contains(string(out), "pip download") {
		t.Errorf("a missing plug-in: %v, %s", err, out)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=auto", PluginVariable+"="+missing)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("auto without a plug-in: %v, %s", err, out)
	}
	// So is a file that is no plug-in.
	junk := t.TempDir() + "/junk_cpu.so"
	if err := os.WriteFile(junk, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=xla", PluginVariable+"="+junk)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), junk) {
		t.Errorf("a file that is no plug-in: %v, %s", err, out)
	}
}

// Standard output belongs to the results of the program that uses the engine.
func TestOpeningPrintsNothing(t *testing.T) {
	onBackends(t, func(t *testing.T, e *Engine) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+e.Name())
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, &errs)
		}
		if out.Len() > 0 {
			t.Errorf("on standard output: %q", &out)
		}
	})
}

// child opens a backend and runs a function on it.
func child(backend string) error {
	e, err := Open(backend)
	if err != nil {
		return err
	}
	out, err := e.NewFunction("child", Float64, func(in []*Node) []*Node { return []*Node{graph.Neg(in[0])} }).Call(Scalar(1))
	if err != nil {
		return err
	}
	if out[0].F64[0] != -1 {
		return fmt.Errorf("got %g", out[0].F64[0])
	}
	return nil
}
