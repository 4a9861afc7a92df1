package dataio

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func content(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// entries lists a folder: nothing but the file itself may ever be left there.
func entries(t *testing.T, folder string) string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestWriteFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "out.csv")
	for _, text := range []string{"first, long content", "second"} {
		if err := WriteFile(path, content(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("read %q, %v; want %q", got, err, text)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, content("through the link")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	got, _ := os.ReadFile(path)
	if err != nil || info.Mode().Perm() != 0o640 || string(got) != "through the link" {
		t.Errorf("mode %v, content %q, error %v", info.Mode(), got, err)
	}
	if got := entries(t, folder); got != "link out.csv" {
		t.Errorf("left in the folder: %s", got)
	}
}

// A writer that fails or panics half way leaves the old file and no other.
func TestWriteFileLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "out.csv")
	if err := WriteFile(path, content("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	half := make([]byte, 1<<20)
	err := WriteFile(path, func(w io.Writer) error { _, _ = w.Write(half); return full })
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = WriteFile(path, func(w io.Writer) error { _, _ = w.Write(half); panic("interrupted") })
	}()
	if got, _ := os.ReadFile(path); string(got) != "old" || entries(t, folder) != "out.csv" {
		t.Errorf("content %d bytes, folder: %s", len(got), entries(t, folder))
	}
}

func TestWriteFileRefusesPaths(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(folder, "none", "out"), "make it first"},
		{filepath.Join(folder, "file", "out"), "write"},
		{folder, "is a folder"},
		{os.DevNull, "device"},
	} {
		called := false
		err := WriteFile(c.path, func(io.Writer) error { called = true; return nil })
		if err == nil || called || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "dataio: write "+c.path) {
			t.Errorf("%s: called %v, error %v, want %q", c.path, called, err, c.want)
		}
	}
}
