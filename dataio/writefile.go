package dataio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFile writes a file whole or not at all: write's bytes go to a new file
// beside path, are flushed to the disk, and the new file is renamed over path.
// Where anything fails, path keeps its old content and nothing else is left.
// A symbolic link is followed; an old file's permissions are kept.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	target, mode, err := resolveTarget(path)
	if err != nil {
		return err
	}
	folder := filepath.Dir(target)
	beside := filepath.Join(folder, fmt.Sprintf(".%s.%08x", filepath.Base(target), rand.Uint32()))
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the user's mask
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("dataio: write %s: no folder %s; make it first: %w", path, folder, err)
	} else if err != nil {
		return fmt.Errorf("dataio: write %s: cannot write in folder %s; check its permissions: %w", path, folder, err)
	}
	renamed := false
	defer func() { // also when write panics
		if !renamed {
			f.Close()
			os.Remove(beside)
		}
	}()
	out := bufio.NewWriterSize(f, 1<<16)
	for _, step := range []func() error{
		func() error { return keepMode(f, mode) },
		func() error { return write(out) },
		out.Flush,
		f.Sync,
		f.Close,
		func() error { return os.Rename(beside, target) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("dataio: write %s: %w", path, err)
		}
	}
	renamed = true
	syncFolder(folder)
	return nil
}

// keepMode gives the new file the permissions of the old one; 0 where there was none.
func keepMode(f *os.File, mode fs.FileMode) error {
	if mode == 0 {
		return nil
	}
	return f.Chmod(mode)
}

// resolveTarget follows links and returns the permissions of an old file; what
// exists and is no regular file is refused.
func resolveTarget(path string) (string, fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, 0, nil
	case err != nil:
		return "", 0, fmt.Errorf("dataio: write %s: %w", path, err)
	case info.IsDir():
		return "", 0, fmt.Errorf("dataio: write %s: is a folder; name a file", path)
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("dataio: write %s: is a device or pipe; name a file", path)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", 0, fmt.Errorf("dataio: write %s: %w", path, err)
	}
	return target, info.Mode().Perm(), nil
}

// syncFolder makes the rename itself durable, where the system can: some
// refuse to open or flush folders, and the file is in place by then.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
