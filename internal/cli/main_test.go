package cli

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is abide itself when it is called by that name, so that tests
// can start, interrupt and kill real processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"abide": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
	}})
}

// call runs abide in this process, in a working folder and with its cache there.
func call(t *testing.T, folder string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(folder)
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, strings.NewReader(""), &out, &errs, func(key string) string {
		return map[string]string{"ABIDE_CACHE": folder + "/cache"}[key]
	})
	return code, out.String(), errs.String()
}

// must runs abide and fails the test where abide fails.
func must(t *testing.T, folder string, args ...string) (stdout string) {
	t.Helper()
	code, out, errs := call(t, folder, args...)
	if code != exitDone {
		t.Fatalf("abide %s: exit %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
